"""Which look each cell has reached, and which comes next. Both depend only on the artifacts in the store."""

from suite.artifacts import Store
from suite.errors import BadArtifact
from suite.planning.case import Case
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.results.cell_checks import with_validity
from suite.statistics.looks import next_look
from suite.statistics.recipes import VERDICT
from suite.statistics.summaries import Judgement


class Looks:
    """The looks of the cells of a run.

    Interrupted runs, other numbers of jobs and other engines therefore reach the same verdicts.

    Args:
        planner: Plans a cell at a number of seeds.
        store: Has the verdicts.
    """

    def __init__(self, planner: Planner, store: Store) -> None:
        self._planner = planner
        self._store = store

    def judgement(self, plan: CasePlan) -> Judgement:
        """Return the judgement on a cell at the plan's number of seeds.

        Raises:
            BadArtifact: If it is not in the store, or is damaged.
        """
        assert plan.verdict is not None
        judgement = Judgement.model_validate(self._store.get(plan.verdict).json(VERDICT))
        return with_validity(judgement, plan, self._store)

    def latest(self, case: Case) -> CasePlan:
        """Return a cell's plan at the last look that is in the store; at its first look if none is.

        ``org`` has no verdict: its last look is the last one at which its accuracy was summarised.
        """
        plan = self._planner.case(case)
        while (following := self.following(plan)) is not None and self._is_built(following):
            plan = following
        return plan

    def following(self, plan: CasePlan) -> CasePlan | None:
        """Return a cell's plan at its next look; None if it is final, not judged yet, or at its last look."""
        seeds = next_look(plan.seeds, self._planner.most_seeds(plan.case))
        if seeds is None:
            return None
        if plan.verdict is not None:
            try:
                if self.judgement(plan).is_final:
                    return None
            except BadArtifact:
                return None
        return self._planner.case(plan.case, seeds)

    def _is_built(self, plan: CasePlan) -> bool:
        return self._store.find(plan.verdict or plan.summary) is not None
