"""Collecting the results of a run from the store."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from suite import __version__
from suite.artifacts import Store
from suite.errors import BadArtifact, SuiteError, Unavailable
from suite.planning.case import AnyCase, Case, DiscriminatorCase, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.catalog import CaseCatalog
from suite.planning.planner import Planner
from suite.results.audit_table import audit_table
from suite.results.looks import Looks
from suite.results.models import Cell, DiscriminatorResult, ResultsFile, Status
from suite.results.privacy import without_home
from suite.results.provenance import DatasetFacts, dataset_facts, environment, pipeline
from suite.results.read_artifacts import read_cell, read_discriminator

Problems = Mapping[AnyCase, tuple[Status, str]]


class ResultCollector:
    """Reads results from the store: those of selected cases, and of all other cases that the store has.

    Args:
        catalog: All cases.
        planner: Plans them.
        store: Has their artifacts.
        looks: Tells how many seeds each case has in the store.
        command_of: Returns the command that repeats a case.
    """

    def __init__(
        self, catalog: CaseCatalog, planner: Planner, store: Store, looks: Looks, command_of: Callable[[AnyCase], str]
    ) -> None:
        self._catalog = catalog
        self._planner = planner
        self._store = store
        self._looks = looks
        self._command_of = command_of

    def cell(self, case: Case) -> Cell:
        """Read a finished cell at its last look; raises BadArtifact if an artifact is missing or damaged."""
        plan = self._looks.latest(case)
        judgement = self._looks.judgement(plan) if plan.verdict else None
        return self._with_references(read_cell(plan, self._store, judgement, self._command_of(case)))

    def discriminator(self, case: DiscriminatorCase) -> DiscriminatorResult:
        """Read a finished row of the discriminator table; raises BadArtifact as ``cell`` does."""
        return read_discriminator(self._planner.discriminator(case), self._store, self._command_of(case))

    def results(self, selected: Iterable[AnyCase], problems: Problems, command: str) -> ResultsFile:
        """Read all results of a run.

        Cells of earlier runs are included if their dataset is on this machine and its content is cached.

        Args:
            selected: The cases of this run.
            problems: Status and reason of the cases that could not be run.
            command: The command of this run.
        """
        datasets, cases = self._read_datasets, set(selected)
        profile = self._planner.profile
        plans = list(self._plans(cases))
        cells = (
            self._any_cell(case, problems)
            for case in (*self._catalog.table1, *self._catalog.variants)
            if case in cases or case.dataset in datasets
        )
        results = ResultsFile(
            suite_version=__version__,
            profile=profile.name,
            title=profile.base.title,
            evaluate=self._planner.overrides.evaluate,
            command=command,
            cells=tuple(cell for cell in cells if cell.variant is None or cell.mean is not None or cell.case in cases),
            discriminators=tuple(
                self._any_discriminator(case, problems)
                for case in self._catalog.discriminators
                if case in cases or case.dataset in datasets
            ),
            datasets=tuple(self._facts(name) for name in datasets),
            environment=environment(
                (recipe for plan in plans for recipe in (*plan.classifiers, *plan.synthetic)), self._store
            ),
            pipeline=pipeline(target for plan in plans for target in plan.targets),
        )
        return without_home(results)

    def pictures(self, selected: Iterable[AnyCase]) -> dict[str, Path | bytes]:
        """Return the finished pictures of Table 1, and the tables of synthetic images, by file name in the report."""
        files: dict[str, Path | bytes] = {}
        for plan in self._plans(set(selected)):
            if plan.case.mode is Mode.SYN:
                for picture in plan.pictures:
                    with suppress(SuiteError):
                        files |= picture.files(self._store)
                with suppress(SuiteError):
                    files |= audit_table(plan, self._store, self._planner.source_names(plan))
        return files

    @cached_property
    def _read_datasets(self) -> tuple[str, ...]:
        """Datasets on this machine whose content is cached, so that planning them takes no time."""
        return tuple(name for name in self._catalog.rows if self._planner.is_read(name))

    def _plans(self, selected: set[AnyCase]) -> Iterator[CasePlan]:
        for case in (*self._catalog.table1, *self._catalog.variants):
            if case in selected or case.dataset in self._read_datasets:
                with suppress(SuiteError):
                    yield self._looks.latest(case)

    def _facts(self, dataset: str) -> DatasetFacts:
        generators = self._catalog.rows[dataset].generators
        return dataset_facts(self._planner.locate(dataset), self._planner.settings(dataset, generators))

    def _any_cell(self, case: Case, problems: Problems) -> Cell:
        """Read a cell, or return why it is missing."""
        try:
            return self.cell(case)
        except SuiteError as error:
            status, reason = _missing(case, error, problems)
        cell = Cell(**case.model_dump(), status=status, reason=reason, command=self._command_of(case))
        return self._with_references(cell)

    def _any_discriminator(self, case: DiscriminatorCase, problems: Problems) -> DiscriminatorResult:
        try:
            return self.discriminator(case)
        except SuiteError as error:
            status, reason = _missing(case, error, problems)
        return DiscriminatorResult(**case._asdict(), status=status, reason=reason, command=self._command_of(case))

    def _with_references(self, cell: Cell) -> Cell:
        """Add the paper's numbers and the expected range to a cell."""
        row, case = self._catalog.rows[cell.dataset], cell.case
        profile = self._planner.profile.name
        expected = row.expected_of(case, profile) if self._planner.overrides.keeps_training else None
        references = {"paper": row.paper_of(case), "paper_scores": row.paper_scores_of(case), "expected": expected}
        return cell.model_copy(update=references)


def _missing(case: AnyCase, error: SuiteError, problems: Problems) -> tuple[Status, str | None]:
    """Return status and reason of a missing result; one that was only not built has the reason of this run, if any."""
    if isinstance(error, BadArtifact):
        return problems.get(case, ("not run", None))
    return ("unavailable" if isinstance(error, Unavailable) else "failed"), str(error)
