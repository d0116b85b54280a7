"""The state of one pytest session: what was selected, its engine, and waiting for its results."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from suite import devices
from suite.artifacts import Recipe, Store
from suite.engines.background import BackgroundRun, NotBuilt
from suite.engines.engine import Engine, Event, EventKind
from suite.engines.graph import Graph
from suite.engines.progress import ProgressBar
from suite.errors import BadArtifact, SuiteError, Unavailable, UsageError
from suite.planning.case import Case
from suite.planning.case_plan import CasePlan, DiscriminatorPlan
from suite.planning.catalog import CaseCatalog
from suite.planning.commands import Wanted
from suite.planning.dry_run import DryRunPlanner
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.run_options import RunOptions
from suite.results.models import Cell, Discriminator, Status
from suite.results.read_artifacts import read_cell, read_discriminator

TRIES = 3
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
        part: Which part of this machine's workers is ours: our number, from 0, of so many pytest processes.

    Attributes:
        selected: The cases and discriminator tests that were selected.
        broken: Why some of them are missing.
        damaged: What was found damaged in the store and set aside.
        retried: What was begun again because the worker that built it was gone.
        began: When the run began, in seconds since the epoch.
        cells: What can be asked for.
    """

    def __init__(
        self, settings: RunOptions, cases: Path, progress: ProgressBar, part: tuple[int, int] = (0, 1)
    ) -> None:
        self.settings = settings
        self.progress = progress
        self.profile = load_profile(settings.profile)
        self.store = Store(settings.store)
        planner = DryRunPlanner if settings.plan else Planner
        self.planner = planner(
            self.profile, settings.data_paths, settings.store / "contents", settings.overrides, progress.read
        )
        self.selected: list[Wanted] = []
        self.broken: dict[Wanted, tuple[Status, str]] = {}
        self.damaged: list[str] = []
        self.retried: list[str] = []
        self.began = time.time()
        self.cells = CaseCatalog(settings, cases, self.planner)
        self._number, self._share = part
        self._unwritable: str | None = None
        self._building: BackgroundRun | None = None

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

    def preview(self) -> tuple[str, int]:
        """Return what the selected plans would do, as text, and how many of them cannot be made."""
        from suite.planning.cost_estimates import Estimator
        from suite.report.plan_preview import Preview

        assert isinstance(self.planner, DryRunPlanner)
        device = self.settings.device
        device = devices.resolve(device) if device == "auto" else device  # what a cluster has is not asked for a plan
        preview = Preview(
            self.planner,
            self.store,
            Estimator(self.store, self.settings.data_paths, device),
            download=self.settings.data_paths.download,
            workers=len(self._workers),
        )
        return preview.text(self.selected), preview.failed

    def prepare(self) -> None:
        """Make the store ready. One that can only be read serves what it has; what it lacks fails with the reason.

        Raises:
            UsageError: If there is nothing to read either.
        """
        try:
            self.store.prepare()
        except UsageError as error:
            if self.settings.force or not (self.store.root / "artifacts").is_dir():
                raise
            self._unwritable = str(error)

    def start(self) -> None:
        """Hand the union of all selected plans to the engine, once.

        Raises:
            UsageError: If a dataset that is judged alone, or images to judge it with, cannot be used.
        """
        engine = self._engine()
        if self.store.is_empty:
            engine.warm_up()
        targets = [target for plan in self.plans() for target in plan.targets]
        if self.settings.alone and self._share == 1:
            for wanted, (_, why) in self.broken.items():
                is_of_a_sweep = isinstance(wanted, Case) and wanted.variant  # and may ask for more than there is
                if not is_of_a_sweep:
                    raise UsageError(why)
        if self.settings.force:
            for recipe in Graph(targets, self.store).recipes.values():
                self._forget(recipe)
        self.progress.total = len(Graph(targets, self.store).waiting)
        self._building = BackgroundRun(engine, targets, self._hear)

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

        def read() -> Cell:
            for picture in plan.pictures:  # the report's only look at them would come too late to draw them again
                picture.files(self.store)
            return read_cell(plan, self.store, self.cells.command(case))

        return self.dressed(self._read(plan, read))

    def discriminator(self, wanted: tuple[str, str]) -> Discriminator:
        """Return a selected discriminator test's result; raises as ``cell`` does."""
        plan = self.planner.discriminator(*wanted)
        return self._read(plan, lambda: read_discriminator(plan, self.store, self.cells.command(wanted)))

    def dressed(self, cell: Cell) -> Cell:
        """Return a cell with what its row says of it: the paper's number and the expected range."""
        row, case = self.cells.rows[cell.dataset], cell.case
        expected = row.expected_of(case, self.profile.name) if self.planner.overrides.is_as_profiled else None
        return cell.model_copy(
            update={
                "paper": row.paper_of(case),
                "paper_scores": row.paper_scores_of(case),
                "expected": expected,
            }
        )

    def outcome(self) -> dict[str, list[str]]:
        """Return what an xdist worker tells its controller: JSON texts of what was selected, and what broke."""
        asked = (Asked(wanted=wanted, broken=self.broken.get(wanted)) for wanted in self.selected)
        return {"selected": [one.model_dump_json() for one in asked], "damaged": self.damaged, "retried": self.retried}

    def merge(self, outcome: dict[str, list[str]]) -> None:
        """Take over what a worker told."""
        self.damaged += outcome.get("damaged", ())
        self.retried += outcome.get("retried", ())
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
                again = BackgroundRun(self._engine(), plan.targets, self._hear)
                again.wait(plan.targets, self.progress.show)
        return read()

    def _hear(self, event: Event) -> None:
        if event.kind is EventKind.DAMAGED:
            self.damaged.append(event.message)
        elif event.kind is EventKind.RETRIED:
            self.retried.append(event.message)
        self.progress.update(event)

    def _forget(self, recipe: Recipe) -> None:
        """Discard an artifact, unless it was built since the run began: by another of its workers."""
        found = self.store.find(recipe)
        started = found and found.run.get("started")
        if not started or datetime.fromisoformat(started).timestamp() < int(self.began):
            self.store.discard(recipe.key)

    def _engine(self) -> Engine:
        if self._unwritable is not None:
            from suite.engines.read_only import ReadOnlyEngine

            return ReadOnlyEngine(self.store, self._unwritable)
        if self.settings.engine == "ray":
            from suite.engines.ray_engine import RayEngine

            return RayEngine(
                self.store,
                self.settings.data_paths,
                device=self.settings.device,
                address=self.settings.ray_address,
                jobs=self.settings.jobs and max(1, self.settings.jobs // self._share),
            )
        from suite.engines.local import LocalEngine

        workers = self._workers
        ours = workers[self._number :: self._share] or (workers[self._number % len(workers)],)
        return LocalEngine(self.store, self.settings.data_paths, ours)

    @property
    def _workers(self) -> tuple[str, ...]:
        return devices.workers(self.settings.device, self.settings.jobs, self.profile.base.compute.threads)
