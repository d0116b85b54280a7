"""What ``--plan`` prints: per cell the recipes, and which of them are there already."""

from collections.abc import Callable, Iterable
from typing import Any

from suite.artifacts import Store
from suite.engines.build import in_order
from suite.errors import SuiteError
from suite.plan import CasePlan, DiscriminatorPlan


def describe_plans(wanted: Iterable[Any], plan: Callable[[Any], CasePlan | DiscriminatorPlan], store: Store) -> str:
    """Return the plans of cases and discriminator tests as text; nothing is built.

    Args:
        wanted: Cases, and (dataset, generator) pairs.
        plan: Makes the plan of one; raises SuiteError.
        store: Where finished artifacts are.
    """
    lines = []
    seen: set[str] = set()
    for one in wanted:
        name = f"{one[0]}-{one[1]} (discriminator)" if isinstance(one, tuple) else one.id
        lines.append(f"\n{name}")
        try:
            planned = plan(one)
        except SuiteError as error:
            lines.append(f"  cannot run: {error}")
            continue
        for recipe in in_order(*planned.targets):
            state = "cached" if store.find(recipe) else "shared" if recipe.key in seen else "to build"
            seen.add(recipe.key)
            lines.append(f"  {state:8}  {recipe.key[:12]}  {recipe.label}")
    return "\n".join(lines) + "\n"
