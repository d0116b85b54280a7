"""One benchmark run, independent of pytest: select cases, plan, build, read the results, write the report."""

import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from suite import devices
from suite.artifacts import Recipe, Store
from suite.datasets.content import CONTENTS
from suite.datasets.kept_pixels import delete_kept
from suite.engines.background import BackgroundRun, NotBuilt
from suite.engines.create import create_engine
from suite.engines.engine import Engine, Event, EventKind
from suite.engines.graph import Graph
from suite.engines.progress import ProgressBar
from suite.errors import BadArtifact, SuiteError, Unavailable, UsageError
from suite.generators.generator import is_ceiling
from suite.planning.case import AnyCase, Case, DiscriminatorCase, Mode
from suite.planning.case_plan import CasePlan, DiscriminatorPlan
from suite.planning.catalog import CaseCatalog
from suite.planning.classifier_plan import find_classifier
from suite.planning.commands import command_of
from suite.planning.dry_run import DryRunPlanner
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.run_options import RunOptions
from suite.planning.training_time import training_seconds
from suite.report.answers import failed_on
from suite.report.numbers import duration, duration_in_words
from suite.report.publish import EarlierReports, Report, merge_bundles, with_figures, write
from suite.results.collect import ResultCollector
from suite.results.looks import Looks
from suite.results.models import Cell, DiscriminatorResult, ResultsFile, Status
from suite.statistics.looks import looks_until

REPAIR_ATTEMPTS = 3
ResultT = TypeVar("ResultT", Cell, DiscriminatorResult)


class Benchmark:
    """One run.

    The order of calls is: ``check``, ``select``, then ``preview`` for a dry run, or ``start``, ``cell`` and
    ``discriminator`` for every selected case, ``stop``, ``write_report``.

    Args:
        options: What to do.
        cases: Directory of the case files, one ``<dataset>.toml`` a row of Table 1.
        progress: Shows the progress of builds.
        share: This process's number, from 0, and the number of processes of the run (pytest-xdist); they share the
            workers of this machine.

    Attributes:
        catalog: All cases that can be selected.
        selected: The selected cases.
        problems: Status and reason of selected cases that cannot be run.
        damaged: A line for every damaged artifact that was set aside.
        retried: A line for every build that was started again because its worker died.
        started_at: When the run started, in seconds since the epoch; ``--force`` rebuilds only what is older.
        results: The results, once ``write_report`` has read them.
    """

    def __init__(
        self, options: RunOptions, cases: Path, progress: ProgressBar, share: tuple[int, int] = (0, 1)
    ) -> None:
        self.options = options
        self.profile = load_profile(options.profile)
        self.store = Store(options.store)
        planner = DryRunPlanner if options.dry_run else Planner
        self.planner = planner(
            self.profile,
            options.data_paths,
            options.store / CONTENTS,
            options.overrides,
            progress.read,
            lambda dataset: sum(not is_ceiling(name) for name in self.catalog.rows[dataset].generators),
        )
        self.catalog = CaseCatalog(cases, self.planner, options.axes, options.only_dataset)
        self.selected: list[AnyCase] = []
        self.problems: dict[AnyCase, tuple[Status, str]] = {}
        self.damaged: list[str] = []
        self.retried: list[str] = []
        self.started_at = time.time()
        self.results: ResultsFile | None = None
        self._progress = progress
        self._share = share
        self._looks = Looks(self.planner, self.store)
        self._collector = ResultCollector(
            self.catalog, self.planner, self.store, self._looks, lambda case: command_of(case, self.options)
        )
        self._earlier = EarlierReports()
        self._read_only_reason: str | None = None
        self._targets: tuple[Recipe, ...] = ()
        self._run: BackgroundRun | None = None
        self._out_of_time = threading.Event()

    def check(self) -> None:
        """Read the case files and the earlier reports, so that a mistake in them is found before anything is built.

        Raises:
            UsageError: If one of them is missing or not valid.
        """
        _ = self.catalog.rows
        self._earlier = EarlierReports.read(
            compare=self.options.compare,
            merge=self.options.merge,
            bundle_of=(self.options.reports, self.options.profile) if self.options.report_only else None,
        )

    def select(self, case: AnyCase) -> None:
        """Add a case to the run."""
        if case not in self.selected:
            self.selected.append(case)

    def set_problem(self, case: AnyCase, error: SuiteError) -> None:
        """Keep the reason why a selected case cannot be run, for the report."""
        self.problems[case] = ("unavailable" if isinstance(error, Unavailable) else "failed", str(error))

    def preview(self) -> tuple[str, int]:
        """Return the plan of a dry run as text, and the number of selected cases that cannot be planned."""
        from suite.planning.cost_estimates import Estimator
        from suite.report.plan_preview import Preview

        assert isinstance(self.planner, DryRunPlanner)
        device = self.options.device
        device = devices.resolve(device) if device == "auto" else device  # a dry run does not connect to a cluster
        preview = Preview(
            self.planner,
            self.store,
            Estimator(self.store, self.options.data_paths, device),
            download=self.options.data_paths.download,
            workers=len(devices.worker_devices(device, self.options.jobs, self.profile.base.compute.threads)),
        )
        datasets = dict.fromkeys(case.dataset for case in self.selected)
        curves = {dataset: self.catalog.curve_of_real_images(dataset) for dataset in datasets}
        return preview.text(self.selected, curves), preview.failed

    def prepare_store(self) -> None:
        """Prepare the store. A read-only store is only read; cases whose artifacts are missing fail with the reason.

        Raises:
            UsageError: If the store cannot be written, and is empty or has to be rebuilt with ``--force``.
        """
        try:
            self.store.prepare()
        except UsageError as error:
            if self.options.force or not (self.store.root / "artifacts").is_dir():
                raise
            self._read_only_reason = str(error)

    def start(self) -> None:
        """Plan the selected cases and start to build the union of their recipes in the background.

        Raises:
            UsageError: If the dataset of ``--real``, or a set of ``--synthetic``, cannot be used.
        """
        if self.options.force:  # images may have changed although their files have the same sizes and times
            for folder in (self.options.store, self.options.data_paths.cache):
                shutil.rmtree(folder / CONTENTS, ignore_errors=True)
        engine = self._engine()
        if self.store.is_empty:
            engine.warm_up()
        plans = list(self._latest_plans())
        if self.options.only_dataset and self._share[1] == 1:
            for case, (_, reason) in self.problems.items():
                if not (isinstance(case, Case) and case.variant):  # a variant may need more images than there are
                    raise UsageError(reason)
        if self.options.force:
            self._discard_older()
            plans = list(self._latest_plans())
        self._targets = tuple(target for plan in plans for target in plan.targets)
        if self.options.time_budget is not None:
            timer = threading.Timer(self.started_at + self.options.time_budget - time.time(), self._end_time_budget)
            timer.daemon = True
            timer.start()
        self._start_engine(engine)

    def stop(self) -> None:
        """Stop building; checkpoints stay for the next run."""
        if self._run is not None:
            self._run.stop()

    def wait(self, recipes: Iterable[Recipe]) -> None:
        """Wait until recipes of the selected cases are built; raises NotBuilt if one of them cannot be."""
        if self._run is None:
            raise NotBuilt("nothing is being built: the run was not started")
        try:
            self._run.wait(recipes, self._progress.show)
        except NotBuilt as error:
            if not self._out_of_time.is_set():
                raise
            budget = duration(self.options.time_budget or 0)
            raise NotBuilt(f"the time budget of {budget} was used up before: start the run again to go on") from error
        finally:
            self._progress.hide()

    def cell(self, case: Case) -> Cell:
        """Wait for a selected cell, until more seeds cannot change its verdict, and return its result.

        ``org`` does not wait for the cells that are compared with it.

        Raises:
            Unavailable: If the dataset or the generator is not on this machine.
            NotBuilt: If a build failed.
        """
        plan = self._looks.latest(case)
        cell = self._read(plan, partial(self._read_cell, case))
        while plan.verdict is not None and (following := self._looks.following(plan)) is not None:
            plan = following
            try:
                cell = self._read(plan, partial(self._read_cell, case))
            except NotBuilt:
                if not self._out_of_time.is_set():
                    raise
                break  # the last complete look counts
        return cell

    def _read_cell(self, case: Case) -> Cell:
        for picture in self.planner.case(case).pictures:  # damage found later, by the report, could not be repaired
            picture.files(self.store)
        return self._collector.cell(case)

    def discriminator(self, case: DiscriminatorCase) -> DiscriminatorResult:
        """Wait for a selected row of the discriminator table and return its result; raises as ``cell`` does."""
        return self._read(self.planner.discriminator(case), lambda: self._collector.discriminator(case))

    def write_report(self, command: str) -> str:
        """Read the results, merge earlier bundles, draw the figures and write the report.

        Images that were kept for builds are deleted, because all builds have ended.

        ``results`` is set before figures are drawn and files written, so that tables can be printed if that fails.

        Args:
            command: The command of this run, for the report.

        Returns:
            The cells of the replaced report that this one does not have, as text; empty if none.

        Raises:
            SuiteError: If figures cannot be drawn or files cannot be written.
        """
        for folder in (self.options.store, self.options.data_paths.cache):
            delete_kept(folder / CONTENTS)
        earlier = self._earlier
        if earlier.bundle is not None:
            report = Report(*earlier.bundle)
        else:
            results = self._collector.results(self.selected, self.problems, command)
            report = Report(results, self._collector.pictures(self.selected))
        self.results = report.results
        if earlier.bundle is not None and earlier.merge:
            self.prepare_store()
        if earlier.bundle is None or earlier.merge:  # otherwise the bundle has its figures
            report = merge_bundles(report, earlier.merge)
            self.results = report.results
            report = with_figures(report, self.store, self.damaged.append)
        notes = tuple(
            dict.fromkeys((*report.results.notes, *self._held_back(), *self._larger_classifiers(), *self.options.notes))
        )
        self.results = report.results.model_copy(update={"notes": notes})
        return write(Report(self.results, report.pictures), self.options.reports, earlier.compare)

    def _held_back(self) -> Iterator[str]:
        """Yield how many of one's own images the training set has, if the others are the ceiling."""
        dataset = self.options.only_dataset
        if dataset is None or not self.options.overrides.ceiling or self.options.report_only:
            return
        content = self.planner.locate(dataset).content
        used = sum(self.planner.case(Case(dataset=dataset, mode=Mode.ORG)).real.counts)
        yield (
            f"--ceiling: ORG and MIX train on {used:,} of the {sum(content.train):,} real training images; the rest is "
            "held back, and MIX of heldback adds as many of it as there are synthetic images"
        )

    def _larger_classifiers(self) -> Iterator[str]:
        """Yield what networks would take, if one's own images were answered by a classifier that needs minutes."""
        options = self.options
        classifier, _ = find_classifier(options.overrides.classifier)
        if options.real is None or options.report_only or classifier.has_seeds:
            return
        device = "cpu" if options.device == "auto" else options.device
        workers = len(devices.worker_devices(device, options.jobs, self.profile.base.compute.threads))
        seconds = training_seconds(self.planner, self.selected, self.store, device, workers)
        times = [f"--classifier {name}, about {duration_in_words(time)}" for name, time in seconds.items()]
        if times:
            yield f"this is the answer of a {classifier.title}; networks take longer: {'; '.join(times)}"

    @property
    def compared_with(self) -> ResultsFile | None:
        """Results of the earlier run given with ``--compare``."""
        return self._earlier.compare

    @property
    def failed_on(self) -> tuple[str, ...]:
        """Cells whose verdict is one of ``--fail-on``, once the results are read."""
        return failed_on(self.results, self.options.fail_on) if self.results is not None else ()

    def _latest_plans(self) -> Iterator[CasePlan | DiscriminatorPlan]:
        """Yield the plans of the selected cases at their last looks; add what cannot be planned to ``problems``."""
        for case in self.selected:
            try:
                yield self._looks.latest(case) if isinstance(case, Case) else self.planner.discriminator(case)
            except SuiteError as error:
                self.set_problem(case, error)

    def _next_look(self, failed: Mapping[str, str]) -> tuple[Recipe, ...]:
        """Return the recipes of the next look of the undecided cells; called in the thread of the engine.

        MIX cells of Table 1 come first, because they are the answer, then SYN cells, then variants.
        """
        if self._out_of_time.is_set():
            return ()
        undecided: dict[tuple[bool, bool], list[tuple[CasePlan, CasePlan]]] = {}
        for case in self.selected:
            if isinstance(case, Case) and case not in self.problems:
                latest = self._looks.latest(case)
                following = self._looks.following(latest) if latest.verdict else None
                if following is not None and following.summary.key not in failed:
                    urgency = case.variant is not None, case.mode is Mode.SYN
                    undecided.setdefault(urgency, []).append((latest, following))
        targets: list[Recipe] = []
        for latest, following in undecided[min(undecided)] if undecided else ():
            more = following.seeds - latest.seeds
            self._progress.say(f"{following.case.id} undecided after {latest.seeds} seeds: {more} more")
            targets += following.targets
            for org in self.selected:
                if isinstance(org, Case) and org.mode is Mode.ORG and org.dataset == following.case.dataset:
                    plan = self.planner.case(org, following.seeds)
                    targets += plan.targets if plan.predictions == following.org else ()
        self._targets = (*self._targets, *targets)
        self._progress.expect(len(Graph(targets, self.store).waiting))
        return tuple(targets)

    def _end_time_budget(self) -> None:
        """Stop building; the last complete look of every cell counts."""
        self._out_of_time.set()
        self._progress.say(f"the time budget is used up after {duration(self.options.time_budget or 0)}")
        if self._run is not None:
            self._run.request_stop()

    def _read(self, plan: CasePlan | DiscriminatorPlan, read: Callable[[], ResultT]) -> ResultT:
        """Wait for a plan and read its result; artifacts that turn out to be damaged are rebuilt."""
        self.wait(plan.targets)
        for _ in range(REPAIR_ATTEMPTS):
            try:
                return read()
            except BadArtifact as error:
                path = self.store.set_aside(error.key)
                self.damaged.append(f"{error}; set aside as {path}" if path else str(error))
                self._start_engine(self._engine())
                self.wait(plan.targets)
        return read()

    def _start_engine(self, engine: Engine) -> None:
        """Stop the running engine and start one on all targets; targets that failed before are not retried."""
        failed: dict[str, str] = {}
        if self._run is not None:
            self._run.stop()
            failed = self._run.failed
        targets = [target for target in self._targets if target.key not in failed]
        self._progress.expect(len(Graph(targets, self.store).waiting))
        self._run = BackgroundRun(engine, targets, self._on_event, failed, self._next_look)
        if self._out_of_time.is_set():
            self._run.request_stop()

    def _on_event(self, event: Event) -> None:
        if event.kind is EventKind.DAMAGED:
            self.damaged.append(event.message)
        elif event.kind is EventKind.RETRIED:
            self.retried.append(event.message)
        self._progress.update(event)

    def _discard_older(self) -> None:
        """Discard artifacts of all looks that were built before this run started, by this or another process of it."""
        targets: list[Recipe] = []
        for case in self.selected:
            if case in self.problems:
                continue
            if isinstance(case, Case):
                for seeds in looks_until(self.planner.most_seeds(case)):
                    targets += self.planner.case(case, seeds).targets
            else:
                targets += self.planner.discriminator(case).targets
        for recipe in Graph(targets, self.store).recipes.values():
            artifact = self.store.find(recipe)
            built = artifact and artifact.run.get("started")
            if not built or datetime.fromisoformat(built).timestamp() < int(self.started_at):
                self.store.discard(recipe.key)

    def _engine(self) -> Engine:
        if self._read_only_reason is not None:
            from suite.engines.read_only import ReadOnlyEngine

            return ReadOnlyEngine(self.store, self._read_only_reason)
        options = self.options
        return create_engine(
            self.store,
            options.data_paths,
            engine=options.engine,
            device=options.device,
            jobs=options.jobs,
            threads=self.profile.base.compute.threads,
            ray_address=options.ray_address,
            share=self._share,
        )
