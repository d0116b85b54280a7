"""The state of one pytest session: its plans, its engine, its results."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from suite import __version__, devices
from suite.artifacts import Recipe, Store
from suite.case import Case, Mode
from suite.datasets.locate import available, find_dataset
from suite.engines.engine import Engine, Event, Happening
from suite.engines.graph import Graph
from suite.errors import BadArtifact, SuiteError, Unavailable
from suite.generators.folder import Folder
from suite.generators.generator import generators
from suite.plan import CasePlan, DiscriminatorPlan
from suite.planner import Planner
from suite.plugin.building import Building, NotBuilt
from suite.plugin.progress import Progress
from suite.plugin.settings import Settings
from suite.profiles import load_profile
from suite.report.grid import GRID
from suite.report.verdicts import judged
from suite.results import Cell, Discriminator, Results, Status, read_cell, read_discriminator
from suite.rows import Row, read_rows
from suite.variants import variants_of

TRIES = 3
BUILT_FROM_IMAGES = ("cd", "biggan")  # what can be trained on any images, for datasets without a row
Wanted = Case | tuple[str, str]
ResultT = TypeVar("ResultT", Cell, Discriminator)


class Asked(BaseModel):
    """One thing that was selected, and why it is missing if it is."""

    wanted: Wanted
    broken: tuple[Status, str] | None


class BenchmarkSession:
    """What the hooks and fixtures of one session share.

    Args:
        settings: What the options came to.
        cases: Directory of the cases, with a ``<dataset>.toml`` a row.
        progress: Shows the engine's work.
        share: Which part of this machine's workers is ours: one of so many pytest processes.

    Attributes:
        selected: The cases and discriminator tests that were selected.
        broken: Why some of them are missing.
        damaged: What was found damaged in the store and set aside.
        began: When the run began, in seconds since the epoch.
    """

    def __init__(self, settings: Settings, cases: Path, progress: Progress, share: int = 1) -> None:
        self.settings = settings
        self.progress = progress
        self.profile = load_profile(settings.profile)
        self.store = Store(settings.store)
        self.planner = Planner(self.profile, settings.places, settings.store / "contents", settings.choice)
        self.selected: list[Wanted] = []
        self.broken: dict[Wanted, tuple[Status, str]] = {}
        self.damaged: list[str] = []
        self.began = time.time()
        self._folder = cases
        self._share = share
        self._building: Building | None = None

    @cached_property
    def rows(self) -> dict[str, Row]:
        """Every row of Table 1: those of the folder, then datasets that were found without one.

        Images that exist already are one more generator of every row; a dataset given alone is compared with them.
        """
        given = tuple(self.settings.places.folders)
        for name in given:
            generators.add(Folder(name))
        if self.settings.real is not None:
            return {self.settings.real: Row(dataset=self.settings.real, generators=given)}
        rows = read_rows(self._folder)
        for name in available(self.settings.places):
            rows.setdefault(name, Row(dataset=name, generators=BUILT_FROM_IMAGES))
        return {name: row.model_copy(update={"generators": row.generators + given}) for name, row in rows.items()}

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Every cell of Table 1."""
        return tuple(case for row in self.rows.values() for case in row.cases)

    @cached_property
    def variants(self) -> tuple[Case, ...]:
        """Every cell of the sweeps that were asked for."""
        return tuple(
            variant
            for case in self.cases
            for axis in self.settings.axes
            for variant in variants_of(
                case, axis, self.profile.budget(case.dataset).sweep, guided=self.planner.is_guided(case)
            )
        )

    @cached_property
    def discriminators(self) -> tuple[tuple[str, str], ...]:
        """Every (dataset, generator) of the discriminator table."""
        return tuple((row.dataset, generator) for row in self.rows.values() for generator in row.generators)

    def plan(self, wanted: Wanted) -> CasePlan | DiscriminatorPlan:
        """Return the plan of a case or of a discriminator test; raises SuiteError if there is none."""
        return self.planner.case(wanted) if isinstance(wanted, Case) else self.planner.discriminator(*wanted)

    def plans(self) -> Iterator[CasePlan | DiscriminatorPlan]:
        """Yield the plans of what was selected; what has none is noted as broken."""
        for wanted in self.selected:
            try:
                yield self.plan(wanted)
            except Unavailable as error:
                self.broken[wanted] = ("unavailable", str(error))
            except SuiteError as error:
                self.broken[wanted] = ("failed", str(error))

    def start(self) -> None:
        """Hand the union of all selected plans to the engine, once."""
        targets = [target for plan in self.plans() for target in plan.targets]
        if self.settings.force:
            for recipe in Graph(targets, self.store).recipes.values():
                self._forget(recipe)
        self.progress.total = len(Graph(targets, self.store).waiting)
        self._building = Building(self._engine(), targets, self._hear)

    def stop(self) -> None:
        """End the engine, if one was started."""
        if self._building is not None:
            self._building.stop()

    def wait(self, recipes: Iterable[Recipe]) -> None:
        """Wait until some of the selected recipes are in the store; raises NotBuilt."""
        if self._building is None:
            raise NotBuilt("nothing is being built: the session was not started")
        try:
            self._building.wait(recipes, self.progress.show)
        finally:
            self.progress.hide()

    def cell(self, case: Case) -> Cell:
        """Return a selected case's result as soon as it is there.

        Raises:
            Unavailable: If the case cannot run on this machine.
            NotBuilt: If a step failed.
        """
        plan = self.planner.case(case)
        return self._dressed(self._read(plan, lambda: read_cell(plan, self.store, self.command(case))))

    def discriminator(self, wanted: tuple[str, str]) -> Discriminator:
        """Return a selected discriminator test's result; raises as ``cell`` does."""
        plan = self.planner.discriminator(*wanted)
        return self._read(plan, lambda: read_discriminator(plan, self.store, self.command(wanted)))

    def command(self, wanted: Wanted) -> str:
        """Return the command that makes a cell or row again."""
        if isinstance(wanted, Case):
            test = "test_sweeps.py::test_variant" if wanted.variant else "test_table1.py::test_case"
            name = f"cases/{test}[{wanted.id}]"
        else:
            name = f"cases/test_discriminator.py::test_discriminator[{'-'.join(wanted)}]"
        chosen = self.settings.choice
        words = ["pytest", f"'{name}'", "--profile", self.settings.profile]
        words += ["--seeds", str(chosen.seeds)] if chosen.seeds else []
        words += ["--generator-seeds", str(chosen.generator_seeds)] if chosen.generator_seeds else []
        words += ["--evaluate", chosen.evaluate] if chosen.evaluate != "test" else []
        return " ".join(words)

    def results(self) -> Results:
        """Return all that the store has of this profile, and why the rest of what was selected is missing."""
        asked = set(self.selected)
        shown = {dataset for dataset in self.rows if self.planner.is_read(dataset)}
        cases = (*self.cases, *self.variants)
        cells = (self._cell_or_reason(case) for case in cases if case in asked or case.dataset in shown)
        rows = (self._row_or_reason(pair) for pair in self.discriminators if pair in asked or pair[0] in shown)
        return Results(
            suite_version=__version__,
            profile=self.profile.name,
            title=self.profile.base.title,
            evaluate=self.settings.choice.evaluate,
            cells=judged(tuple(cells), self.profile.base.metrics.alpha),
            discriminators=tuple(rows),
        )

    def found(self) -> Iterator[str]:
        """Yield the datasets whose files are on this machine, with the place."""
        for dataset in self.rows:
            try:
                yield f"{dataset} ({find_dataset(dataset, self.settings.places).locate(self.settings.places).where})"
            except SuiteError:
                continue

    def grids(self) -> dict[str, Path]:
        """Return the finished pictures of real and synthetic images, by the file name they get in the report."""
        pictures = {}
        for case in self.cases:
            if case.mode is Mode.SYN and self.planner.is_read(case.dataset):
                with suppress(SuiteError):
                    grid = self.planner.case(case).grid
                    if grid is not None:
                        pictures[f"grid-{case.dataset}-{case.generator}.png"] = self.store.get(grid).file(GRID)
        return pictures

    def outcome(self) -> dict[str, list[str]]:
        """Return what an xdist worker tells its controller: JSON texts of what was selected, and what broke."""
        asked = (Asked(wanted=wanted, broken=self.broken.get(wanted)) for wanted in self.selected)
        return {"selected": [one.model_dump_json() for one in asked], "damaged": self.damaged}

    def merge(self, outcome: dict[str, list[str]]) -> None:
        """Take over what a worker told."""
        self.damaged += outcome.get("damaged", ())
        for text in outcome.get("selected", ()):
            asked = Asked.model_validate_json(text)
            if asked.wanted not in self.selected:
                self.selected.append(asked.wanted)
            if asked.broken is not None:
                self.broken[asked.wanted] = asked.broken

    def _read(self, plan: CasePlan | DiscriminatorPlan, read: Callable[[], ResultT]) -> ResultT:
        """Wait for a plan and read its result; what turns out to be damaged is built again."""
        self.wait(plan.targets)
        for _ in range(TRIES):
            try:
                return read()
            except BadArtifact as error:
                aside = self.store.set_aside(error.key)
                self.damaged.append(f"{error}; set aside as {aside}" if aside else str(error))
                again = Building(self._engine(), plan.targets, self._hear)
                again.wait(plan.targets, self.progress.show)
        return read()

    def _hear(self, event: Event) -> None:
        if event.what is Happening.DAMAGED:
            self.damaged.append(event.message)
        self.progress.hear(event)

    def _forget(self, recipe: Recipe) -> None:
        """Discard an artifact, unless it was built since the run began: by another of its workers."""
        found = self.store.find(recipe)
        started = found and found.run.get("started")
        if not started or datetime.fromisoformat(started).timestamp() < int(self.began):
            self.store.discard(recipe.key)

    def _cell_or_reason(self, case: Case) -> Cell:
        status, reason = self.broken.get(case, ("not run", None))
        try:
            plan = self.planner.case(case)
            return self._dressed(read_cell(plan, self.store, self.command(case)))
        except BadArtifact:
            pass  # not in the store: what is known of it was noted while the session ran
        except SuiteError as error:
            status, reason = "unavailable" if isinstance(error, Unavailable) else "failed", str(error)
        return self._dressed(
            Cell(
                dataset=case.dataset,
                generator=case.generator,
                mode=case.mode.value,
                variant=case.variant,
                status=status,
                reason=reason,
                command=self.command(case),
            )
        )

    def _row_or_reason(self, pair: tuple[str, str]) -> Discriminator:
        status, reason = self.broken.get(pair, ("not run", None))
        try:
            return read_discriminator(self.planner.discriminator(*pair), self.store, self.command(pair))
        except BadArtifact:
            pass
        except SuiteError as error:
            status, reason = "unavailable" if isinstance(error, Unavailable) else "failed", str(error)
        return Discriminator(
            dataset=pair[0], generator=pair[1], status=status, reason=reason, command=self.command(pair)
        )

    def _dressed(self, cell: Cell) -> Cell:
        """Return a cell with what its row says of it: the paper's number and the expected range."""
        row, case = self.rows[cell.dataset], cell.case
        return cell.model_copy(
            update={"paper": row.paper_of(case), "expected": row.expected_of(case, self.profile.name)}
        )

    def _engine(self) -> Engine:
        from suite.engines.local import LocalEngine

        names = devices.workers(self.settings.device, self.settings.jobs, self.profile.base.compute.threads)
        return LocalEngine(self.store, self.settings.places, names[: max(1, len(names) // self._share)])
