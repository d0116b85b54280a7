"""Estimated time of training networks on the images of a run whose classifier needs minutes."""

from collections.abc import Iterable

from suite.artifacts import Store
from suite.engines.graph import Graph
from suite.errors import SuiteError
from suite.planning.case import AnyCase, Case
from suite.planning.cost_estimates import UNKNOWN, Estimator
from suite.planning.planner import Planner

NETWORKS = ("resnet18", "fine-tune")


def training_seconds(
    planner: Planner, selected: Iterable[AnyCase], store: Store, device: str, workers: int
) -> dict[str, float]:
    """Return the seconds that each network would take for the selected cells of Table 1, up to the first look.

    Args:
        planner: The planner of the run.
        selected: The cases of the run.
        store: Its store; what is built already costs nothing.
        device: Kind of device: ``cpu``, ``cuda`` or ``mps``.
        workers: Number of worker processes.

    Returns:
        Seconds by name of the classifier; without those that cannot be estimated.
    """
    estimator = Estimator(store, planner.data_paths, device)
    cells = [case for case in selected if isinstance(case, Case) and case.variant is None]
    seconds = {}
    for name in NETWORKS:
        try:
            plans = [planner.case(case.model_copy(update={"variant": f"classifier-{name}"})) for case in cells]
        except SuiteError:
            continue
        graph = Graph([target for plan in plans for target in plan.targets], store)
        estimate = estimator.estimate(graph.recipes[key] for key in graph.waiting)
        if plans and "classifier" not in estimate.bases[UNKNOWN]:
            seconds[name] = estimate.seconds / workers
    return seconds
