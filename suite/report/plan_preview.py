"""What ``--plan`` prints: per cell its recipes, what is there already, what is missing, and what the rest will take."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from suite.artifacts import Download, Recipe, Store
from suite.engines.build import in_order
from suite.errors import SuiteError, Unavailable
from suite.planning.case import AnyCase, Case
from suite.planning.cost_estimates import ASSUMED, MIN_SECONDS, RECORDED, SMALL, SPEEDS, UNKNOWN, Estimate, Estimator
from suite.planning.dry_run import DryRunPlanner
from suite.report.numbers import duration, memory

WIDTH = 100


class Preview:
    """The plans of cells and discriminator tests as text; nothing is built and nothing fetched.

    Args:
        planner: Makes the plans.
        store: Where finished artifacts are.
        estimator: Estimates the others.
        download: Whether what is missing may be fetched.
        workers: How many builds run side by side.

    Attributes:
        failed: How many cells have no plan, for another reason than that something is not here.
    """

    def __init__(
        self, planner: DryRunPlanner, store: Store, estimator: Estimator, *, download: bool, workers: int
    ) -> None:
        self.failed = 0
        self._planner = planner
        self._store = store
        self._estimator = estimator
        self._download = download
        self._workers = workers
        self._seen: dict[str, Recipe] = {}
        self._fetched: dict[str, Download] = {}

    def text(self, wanted: Sequence[AnyCase]) -> str:
        """Return the plans of cases and (dataset, generator) pairs, then what all of them take together."""
        lines = [line for one in wanted for line in self._cell(one)]
        together = self._estimator.estimate(self._seen.values())
        lines += ["", f"All of it, every recipe once: {self._spelled(together, self._fetched.values())}"]
        if self._workers > 1:
            share = duration(together.seconds / self._workers)
            lines.append(f"{self._workers} workers side by side would need {share} at best.")
        return "\n".join((*lines, *_bases(together, self._estimator.device))) + "\n"

    def _cell(self, wanted: AnyCase) -> Iterator[str]:
        dataset = wanted.dataset
        yield f"\n{wanted.id}{'' if isinstance(wanted, Case) else ' (discriminator)'}"
        try:
            planned = self._planner.plan(wanted)
        except SuiteError as error:
            self.failed += not isinstance(error, Unavailable)
            yield f"  cannot run: {error}"
            return
        recipes = {recipe.key: recipe for recipe in in_order(*planned.targets)}
        waiting = {key: recipe for key, recipe in recipes.items() if self._store.find(recipe) is None}
        new = {key: recipe for key, recipe in waiting.items() if key not in self._seen}
        needed = self._estimator.estimate(waiting.values()).downloads
        needed |= {download.what: download for download in self._planner.downloads(dataset)}
        yield from self._missing(dataset, needed)
        yield from (f"  left out: {note}" for note in getattr(planned, "notes", ()))
        for key, recipe in recipes.items():
            state = "to build" if key in new else "shared" if key in waiting else "cached"
            yield f"  {state:8}  {key[:12]}  {recipe.label}"
        self._seen |= new
        fetched = {what: download for what, download in needed.items() if what not in self._fetched}
        self._fetched |= fetched
        beyond = " beyond the cells above" if len(new) < len(waiting) else ""
        yield f"  estimate{beyond}: {self._spelled(self._estimator.estimate(new.values()), fetched.values())}"

    def _missing(self, dataset: str, needed: dict[str, Download]) -> Iterator[str]:
        """Yield why a cell could not be run as things are, or what is fetched first."""
        absent = self._planner.absent.get(dataset)
        if absent is not None and (not self._download or dataset not in needed):
            yield f"  cannot run: {absent}"
        for what, download in needed.items():
            if self._download:
                yield f"  to fetch  {_sized(download)}"
            elif what != dataset:
                yield f"  cannot run: {_sized(download)}, is not on this machine: allow --download"

    def _spelled(self, estimate: Estimate, downloads: Iterable[Download]) -> str:
        words = [duration(estimate.seconds)] if estimate.bases else ["nothing is left to build"]
        if estimate.payload:
            words.append(f"{memory(estimate.payload)} in the store")
        device = "memory" if self._estimator.device == "cpu" else "GPU memory"
        if estimate.memory:
            words.append(f"{memory(estimate.memory)} of {device} at most ({estimate.largest})")
        return ", ".join((*words, *(f"download of {_sized(download)}" for download in downloads)))


def _sized(download: Download) -> str:
    return f"{download.what}, {memory(download.size) if download.size else 'of unknown size'}"


def _bases(estimate: Estimate, device: str) -> Iterator[str]:
    """Yield what the estimates rest on."""
    yield "These are estimates. Their basis:"
    speeds = " or ".join(
        f"{speed / 1e12:g} ({precision})" for (kind, precision), speed in SPEEDS.items() if kind == device
    )
    texts = {
        RECORDED: "seconds of builds of the same step in this store, in proportion to floating-point operations",
        ASSUMED: f"floating-point operations at {speeds} times 10^12 a second on {device}, which is no measurement",
        SMALL: f"{MIN_SECONDS} s each, for they are small",
        UNKNOWN: "nothing that is known: no time is counted",
    }
    for basis, text in texts.items():
        if steps := estimate.bases.get(basis):
            yield from _filled(f"- time of {', '.join(sorted(steps))}: {text}.")
    yield "- store: images times their bytes, and four bytes a parameter."
    yield from _filled(
        "- memory of the device: parameters, their copies for the optimiser, activations of a batch, training images; "
        "what the device's libraries take comes on top."
    )


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
