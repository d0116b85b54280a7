"""What a session ends with: everything that the store has of its profile, and why the rest is missing."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from suite import __version__
from suite.errors import BadArtifact, SuiteError, Unavailable
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.results.corrected_verdicts import with_corrected_verdicts
from suite.results.models import Cell, Discriminator, Results, Status
from suite.results.privacy import without_home
from suite.results.provenance import DatasetFacts, dataset_facts, environment, pipeline
from suite.results.read_artifacts import read_cell, read_discriminator

if TYPE_CHECKING:
    from suite.plugin.session import BenchmarkSession


class Findings:
    """Reads the results of a session off the store.

    Cells of earlier runs are there too, as long as their dataset is on this machine and was read before.

    Args:
        session: The session, after its tests.
        command: What was typed to start it.
    """

    def __init__(self, session: "BenchmarkSession", command: str) -> None:
        self._session = session
        self._command = command
        asked = self._asked = set(session.selected)
        self._datasets = [name for name in session.cells.rows if session.planner.is_read(name)]
        cells, known = session.cells, set(self._datasets)
        self._cases = [case for case in (*cells.table1, *cells.variants) if case in asked or case.dataset in known]
        self._pairs = [pair for pair in cells.discriminators if pair in asked or pair[0] in known]

    def results(self) -> Results:
        """Return everything a report is made from."""
        session = self._session
        plans = list(self._plans())
        found = Results(
            suite_version=__version__,
            profile=session.profile.name,
            title=session.profile.base.title,
            evaluate=session.settings.overrides.evaluate,
            command=self._command,
            cells=with_corrected_verdicts(list(self._cells()), session.profile.base.metrics.alpha),
            discriminators=tuple(self._discriminator(pair) for pair in self._pairs),
            datasets=tuple(self._facts(name) for name in self._datasets),
            environment=environment(
                (recipe for plan in plans for recipe in (*plan.classifiers, *plan.synthetic)), session.store
            ),
            pipeline=pipeline(target for plan in plans for target in plan.targets),
        )
        return without_home(found)

    def pictures(self) -> dict[str, Path]:
        """Return the finished pictures of Table 1, by the file name they get in the report."""
        found: dict[str, Path] = {}
        for plan in self._plans():
            if plan.case.mode is Mode.SYN:
                for picture in plan.pictures:
                    with suppress(SuiteError):
                        found |= picture.files(self._session.store)
        return found

    def _facts(self, dataset: str) -> DatasetFacts:
        planner, row = self._session.planner, self._session.cells.rows[dataset]
        return dataset_facts(planner.locate(dataset), planner.settings(dataset, row.generators))

    def _plans(self) -> "list[CasePlan]":
        plans = []
        for case in self._cases:
            with suppress(SuiteError):
                plans.append(self._session.planner.case(case))
        return plans

    def _cells(self) -> Iterator[Cell]:
        """Yield the cells of Table 1, and of sweeps those that were asked for or are there."""
        for case in self._cases:
            cell = self._cell(case)
            if case.variant is None or cell.mean is not None or case in self._asked:
                yield cell

    def _cell(self, case: Case) -> Cell:
        session, command = self._session, self._session.cells.command(case)
        try:
            return session.dressed(read_cell(session.planner.case(case), session.store, command))
        except SuiteError as error:
            status, reason = self._missing(case, error)
        return session.dressed(Cell(**case.model_dump(), status=status, reason=reason, command=command))

    def _discriminator(self, pair: tuple[str, str]) -> Discriminator:
        session, command = self._session, self._session.cells.command(pair)
        try:
            return read_discriminator(session.planner.discriminator(*pair), session.store, command)
        except SuiteError as error:
            status, reason = self._missing(pair, error)
        return Discriminator(dataset=pair[0], generator=pair[1], status=status, reason=reason, command=command)

    def _missing(self, wanted: Case | tuple[str, str], error: SuiteError) -> tuple[Status, str | None]:
        """Return why something is missing; what is merely not in the store was explained while the session ran."""
        if isinstance(error, BadArtifact):
            return self._session.broken.get(wanted, ("not run", None))
        return ("unavailable" if isinstance(error, Unavailable) else "failed"), str(error)
