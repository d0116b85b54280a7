"""The output of ``--plan``: the recipes of each cell, which are cached, what is missing, and estimates of the rest."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from suite.artifacts import Download, Recipe, Store
from suite.engines.build import in_order
from suite.errors import SuiteError, Unavailable
from suite.planning.case import AnyCase, Case
from suite.planning.cost_estimates import ASSUMED, MIN_SECONDS, RECORDED, SMALL, SPEEDS, UNKNOWN, Estimate, Estimator
from suite.planning.dry_run import DryRunPlanner
from suite.report.numbers import duration, memory

WIDTH = 100


class Preview:
    """Shows the plans of cells and discriminator tests as text; nothing is built and nothing is downloaded.

    Args:
        planner: The planner.
        store: The store, for the state of each artifact.
        estimator: Estimates the builds that are still needed.
        download: Whether missing data and weights may be downloaded.
        workers: Number of builds that run in parallel.

    Attributes:
        failed: Number of cells that cannot be planned for another reason than something missing on this machine.
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
        self._counted: dict[str, Recipe] = {}
        self._downloads: dict[str, Download] = {}

    def text(self, selected: Sequence[AnyCase], curves: Mapping[str, Sequence[Case]] | None = None) -> str:
        """Return the plans of cases and discriminator tests, and an estimate for all of them together.

        Args:
            selected: The selected cases.
            curves: By dataset, the cells that equivalent real images are read from.
        """
        lines = [line for cell in selected for line in self._cell(cell)]
        first_look = self._estimator.estimate(self._counted.values())
        lines += ["", f"First look at every cell, every recipe counted once: {self._total_text(first_look)}"]
        more = {recipe.key: recipe for case in selected for recipe in self._more_seeds(case)}
        total = self._estimator.estimate((self._counted | more).values())
        if more:
            lines.append(f"At most, if every cell stays undecided until its last look: {self._total_text(total)}")
        lines += [line for dataset, cells in (curves or {}).items() for line in self._curve(dataset, cells, selected)]
        return "\n".join((*lines, *_bases(total, self._estimator.device))) + "\n"

    def _curve(self, dataset: str, cells: Sequence[Case], selected: Sequence[AnyCase]) -> Iterator[str]:
        """Yield what the curve of real images would cost beyond the first look, if it is not selected."""
        further: dict[str, Recipe] = {}
        for case in set(cells) - set(selected):
            try:
                further |= {recipe.key: recipe for recipe in in_order(*self._planner.plan(case).targets)}
            except SuiteError:
                return
        new = [recipe for key, recipe in further.items() if key not in self._counted and not self._store.find(recipe)]
        if new:
            yield (
                f"Equivalent real images of {dataset}, with --sweep scarcity: "
                f"{duration(self._estimator.estimate(new).seconds)} more for ORG"
            )

    def _total_text(self, total: Estimate) -> str:
        text = self._estimate_text(total, self._downloads.values())
        if self._workers == 1:
            return text
        return f"{text}; {self._workers} parallel workers need at least {duration(total.seconds / self._workers)}"

    def _more_seeds(self, selected: AnyCase) -> Iterator[Recipe]:
        """Yield the missing recipes of a cell's last look that its first look does not have."""
        if isinstance(selected, Case):
            with suppress(SuiteError):
                plan = self._planner.case(selected, self._planner.most_seeds(selected))
                yield from (recipe for recipe in in_order(*plan.targets) if self._store.find(recipe) is None)

    def _cell(self, selected: AnyCase) -> Iterator[str]:
        dataset = selected.dataset
        yield f"\n{selected.id}{'' if isinstance(selected, Case) else ' (discriminator)'}"
        try:
            plan = self._planner.plan(selected)
        except SuiteError as error:
            self.failed += not isinstance(error, Unavailable)
            yield f"  cannot run: {error}"
            return
        recipes = {recipe.key: recipe for recipe in in_order(*plan.targets)}
        missing = {key: recipe for key, recipe in recipes.items() if self._store.find(recipe) is None}
        new = {key: recipe for key, recipe in missing.items() if key not in self._counted}
        needed = self._estimator.estimate(missing.values()).downloads
        needed |= {download.what: download for download in self._planner.downloads(dataset)}
        yield from self._missing(dataset, needed)
        yield from (f"  left out: {note}" for note in getattr(plan, "notes", ()))
        for key, recipe in recipes.items():
            state = "to build" if key in new else "shared" if key in missing else "cached"
            yield f"  {state:8}  {key[:12]}  {recipe.label}"
        self._counted |= new
        new_downloads = {name: download for name, download in needed.items() if name not in self._downloads}
        self._downloads |= new_downloads
        beyond = " beyond the cells above" if len(new) < len(missing) else ""
        estimate = self._estimator.estimate(new.values())
        yield f"  estimate{beyond}: {self._estimate_text(estimate, new_downloads.values())}"

    def _missing(self, dataset: str, needed: dict[str, Download]) -> Iterator[str]:
        """Yield the reasons why a cell cannot be run, or what is downloaded first."""
        absent = self._planner.absent.get(dataset)
        if absent is not None and (not self._download or dataset not in needed):
            yield f"  cannot run: {absent}"
        for name, download in needed.items():
            if self._download:
                yield f"  to fetch  {_sized(download)}"
            elif name != dataset:
                yield f"  cannot run: {_sized(download)}, is not on this machine: allow --download"

    def _estimate_text(self, estimate: Estimate, downloads: Iterable[Download]) -> str:
        parts = [duration(estimate.seconds)] if estimate.bases else ["nothing is left to build"]
        if estimate.payload:
            parts.append(f"{memory(estimate.payload)} in the store")
        device = "memory" if self._estimator.device == "cpu" else "GPU memory"
        if estimate.memory:
            parts.append(f"{memory(estimate.memory)} of {device} at most ({estimate.largest})")
        return ", ".join((*parts, *(f"download of {_sized(download)}" for download in downloads)))


def _sized(download: Download) -> str:
    return f"{download.what}, {memory(download.size) if download.size else 'of unknown size'}"


def _bases(estimate: Estimate, device: str) -> Iterator[str]:
    """Yield the basis of each estimate."""
    yield "These are estimates. Their basis:"
    speeds = " or ".join(
        f"{speed / 1e12:g} ({precision})" for (kind, precision), speed in SPEEDS.items() if kind == device
    )
    texts = {
        RECORDED: "recorded seconds of builds of the same step in this store, scaled by floating-point operations",
        ASSUMED: f"floating-point operations at {speeds} times 10^12 per second on {device} (assumed, not measured)",
        SMALL: f"{MIN_SECONDS} s each, because they are small",
        UNKNOWN: "unknown; no time is counted",
    }
    for basis, text in texts.items():
        if steps := estimate.bases.get(basis):
            yield from _filled(f"- time of {', '.join(sorted(steps))}: {text}.")
    yield "- store: the bytes of all images, and four bytes per parameter."
    yield from _filled(
        "- memory of the device: parameters, their copies for the optimiser, activations of a batch, training images; "
        "the memory of the device's libraries comes on top."
    )


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
