"""Find the artifacts that the current cases reach: the keys of all recipes that a run would plan."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from suite.artifacts import Artifact, DataPaths, Recipe, Store
from suite.artifacts.manifest import keys_in
from suite.datasets.content import CONTENTS
from suite.datasets.locate import locate
from suite.engines.build import in_order
from suite.errors import SuiteError, Unavailable
from suite.planning.axes import AXES
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import AnyCase
from suite.planning.catalog import CaseCatalog
from suite.planning.dry_run import DryRunPlanner
from suite.planning.profiles import load_profile, profile_names
from suite.planning.table1_rows import Table1Row

SPLITS = ("test", "validation")
REAL_STEP, FOLDER_STEP = "real-images", "folder-images"  # the steps that read files outside the store


@dataclass
class Reached:
    """What the cases of one profile reach.

    Attributes:
        keys: Keys of all recipes that could be planned.
        unplanned: Dataset name to the reason why not all of its cases could be planned.
    """

    keys: set[str] = field(default_factory=set)
    unplanned: dict[str, str] = field(default_factory=dict)


class Reachability:
    """Plan every case of every profile, with all sweeps, on the test and on the validation split.

    Planning assumes that missing pretrained weights are present, because a key does not depend on their presence.

    Args:
        store: The store.
        cases: Directory of the case files.
        data_paths: Where data is.
        overrides: What runs change in the profiles; its split is ignored.
    """

    def __init__(self, store: Store, cases: Path, data_paths: DataPaths, overrides: BudgetOverrides) -> None:
        self.store = store
        self._cases = cases
        # Allow downloads so that missing weights do not stop planning; planning itself downloads nothing.
        self._data_paths = data_paths.model_copy(update={"download": True})
        self._overrides = overrides

    @cached_property
    def profiles(self) -> dict[str, Reached]:
        """What the cases reach, by profile name."""
        return {name: self._plan_profile(name) for name in profile_names()}

    @cached_property
    def unplanned(self) -> dict[str, str]:
        """Dataset name to the reason why not all of its cases could be planned, over all profiles."""
        return {name: reason for reached in self.profiles.values() for name, reason in reached.unplanned.items()}

    @cached_property
    def known_sources(self) -> set[str]:
        """Names of the datasets, and of the folders of synthetic images, whose cases were all planned."""
        return (set(self._rows) - set(self.unplanned)) | set(self._data_paths.folders)

    def sources_of(self, key: str) -> set[str | None]:
        """Return the data sources that an artifact was made from.

        Args:
            key: Key of an artifact in the store.

        Returns:
            Names of datasets and of folders of synthetic images. None is among them if a manifest on the way is
            missing or unreadable, so that not all sources are known.
        """
        found: set[str | None] = set()
        visited, stack = set[str](), [key]
        while stack:
            current = stack.pop()
            if current in visited:
                continue
            visited.add(current)
            try:
                manifest = Artifact(self.store.path(current), current).manifest
            except SuiteError:
                found.add(None)
                continue
            if manifest.step in (REAL_STEP, FOLDER_STEP):
                found.add(str(manifest.fields.get("dataset" if manifest.step == REAL_STEP else "name")))
            stack += keys_in(manifest.fields)
        return found

    @cached_property
    def _rows(self) -> dict[str, Table1Row]:
        return CaseCatalog(self._cases, self._planner(profile_names()[0], SPLITS[0])).rows

    def _plan_profile(self, profile: str) -> Reached:
        reached, local_paths = Reached(), self._data_paths.model_copy(update={"download": False})
        for split in SPLITS:
            planner = self._planner(profile, split)
            catalog = CaseCatalog(self._cases, planner, tuple(AXES.values()))
            for dataset in catalog.rows:
                try:
                    locate(dataset, local_paths, self.store.root / CONTENTS, read=False)
                except SuiteError as error:
                    reached.unplanned[dataset] = str(error)
                    continue
                cases: tuple[AnyCase, ...] = (*catalog.table1, *catalog.variants, *catalog.discriminators)
                for case in cases:
                    if case.dataset == dataset:
                        reached.keys |= {recipe.key for recipe in in_order(*_targets(planner, case, reached))}
        return reached

    def _planner(self, profile: str, split: str) -> DryRunPlanner:
        overrides = replace(self._overrides, evaluate=split)
        return DryRunPlanner(load_profile(profile), self._data_paths, self.store.root / CONTENTS, overrides)


def _targets(planner: DryRunPlanner, case: AnyCase, reached: Reached) -> tuple[Recipe, ...]:
    """Return the recipes that a case needs; record its dataset if it cannot be planned on this machine."""
    try:
        return planner.plan(case).targets
    except Unavailable as error:
        reached.unplanned[case.dataset] = str(error)
    except SuiteError:  # cannot be planned on any machine, so it was never built
        pass
    return ()
