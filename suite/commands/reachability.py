"""What the present cases reach in a store: the keys of all their recipes, planned as a run would plan them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from suite.artifacts import Artifact, DataPaths, Recipe, Store
from suite.artifacts.manifest import keys_in
from suite.datasets.locate import locate
from suite.engines.build import in_order
from suite.errors import SuiteError, Unavailable
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import AnyCase, DiscriminatorCase
from suite.planning.catalog import CaseCatalog
from suite.planning.dry_run import DryRunPlanner
from suite.planning.profiles import load_profile, profile_names
from suite.planning.table1_rows import Table1Row
from suite.planning.variants import SWEEPS, variants_of

SPLITS = ("test", "validation")
REAL, FOLDER = "real-images", "folder-images"  # the steps that read what lies outside of the store
AXES = tuple(axis for axes in SWEEPS.values() for axis in axes)


@dataclass
class Reached:
    """What the cases of one profile reach.

    Attributes:
        keys: Of all recipes that could be planned.
        unplanned: Why not all cases of a dataset could be planned, by its name.
    """

    keys: set[str] = field(default_factory=set)
    unplanned: dict[str, str] = field(default_factory=dict)


class Reachability:
    """Plans every case of every profile, with all sweeps, on the test and on the validation split.

    Weights that are not here are planned with as if they were: a key does not depend on that.

    Args:
        store: The store.
        cases: Directory of the cases.
        data_paths: Where data lies.
        overrides: What runs change of the profiles, beside the split.
    """

    def __init__(self, store: Store, cases: Path, data_paths: DataPaths, overrides: BudgetOverrides) -> None:
        self.store = store
        self._cases = cases
        self._places = data_paths.model_copy(update={"download": True})  # which planning alone never does
        self._choice = overrides

    @cached_property
    def profiles(self) -> dict[str, Reached]:
        """What the cases of each profile reach."""
        return {name: self._reached(name) for name in profile_names()}

    @cached_property
    def unplanned(self) -> dict[str, str]:
        """Why datasets could not be planned as a whole, whatever the profile."""
        return {name: reason for reached in self.profiles.values() for name, reason in reached.unplanned.items()}

    @cached_property
    def known(self) -> set[str]:
        """The sources all of whose cases were planned: datasets, and generators that are folders."""
        return (set(self._rows) - set(self.unplanned)) | set(self._places.folders)

    def rests_on(self, key: str) -> set[str | None]:
        """Return the sources that an artifact rests on; None among them if the store no longer tells."""
        found: set[str | None] = set()
        seen, stack = set[str](), [key]
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            try:
                manifest = Artifact(self.store.path(current), current).manifest
            except SuiteError:
                found.add(None)
                continue
            if manifest.step in (REAL, FOLDER):
                found.add(str(manifest.fields.get("dataset" if manifest.step == REAL else "name")))
            stack += keys_in(manifest.fields)
        return found

    @cached_property
    def _rows(self) -> dict[str, Table1Row]:
        return CaseCatalog(self._cases, self._planner(profile_names()[0], SPLITS[0])).rows

    def _reached(self, profile: str) -> Reached:
        reached, here = Reached(), self._places.model_copy(update={"download": False})
        for split in SPLITS:
            planner = self._planner(profile, split)
            for dataset, row in self._rows.items():
                if dataset in reached.unplanned:
                    continue
                try:
                    locate(dataset, here, self.store.root / "contents", read=False)
                except SuiteError as error:
                    reached.unplanned[dataset] = str(error)
                    continue
                reached.keys |= {recipe.key for recipe in in_order(*_recipes(planner, row, reached))}
        return reached

    def _planner(self, profile: str, split: str) -> DryRunPlanner:
        overrides = replace(self._choice, evaluate=split)
        return DryRunPlanner(load_profile(profile), self._places, self.store.root / "contents", overrides)


def _recipes(planner: DryRunPlanner, row: Table1Row, reached: Reached) -> Iterator[Recipe]:
    """Yield what the cases of a row wait for; what cannot be planned on this machine is noted."""
    variants = (
        variant
        for case in row.cases
        for axis in AXES
        for variant in variants_of(case, axis, planner.budget(row.dataset).sweep, guided=planner.is_guided(case))
    )
    pairs = (DiscriminatorCase(row.dataset, name) for name in row.generators)
    wanted: list[AnyCase] = [*row.cases, *variants, *pairs]
    for one in wanted:
        try:
            yield from planner.plan(one).targets
        except Unavailable as error:
            reached.unplanned[row.dataset] = str(error)
        except SuiteError:  # it cannot be planned anywhere, and has never been built
            continue
