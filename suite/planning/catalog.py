"""The catalog: every case that a run can select."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from suite.datasets.locate import available, find_dataset
from suite.errors import SuiteError, Unavailable
from suite.generators.generator import generators
from suite.generators.heldback import HeldBack
from suite.images.corruption_table import corruptions_at
from suite.planning.axes import AXES, Axis
from suite.planning.case import Case, DiscriminatorCase, Mode
from suite.planning.classifier_plan import find_classifier
from suite.planning.planner import Planner
from suite.planning.table1_rows import Table1Row, read_rows
from suite.planning.variants import variants_of

DEFAULT_GENERATORS = ("cd", "biggan")  # for datasets without a case file: both can be trained on any images


class CaseCatalog:
    """Every cell of Table 1, of the sweeps and of the discriminator table.

    Args:
        folder: Directory of the case files, one ``<dataset>.toml`` a row of Table 1.
        planner: The planner, for its budgets, data paths and generators.
        axes: Axes of the sweeps.
        only_dataset: Name of the dataset given with ``--real``; None for all datasets.
    """

    def __init__(
        self, folder: Path, planner: Planner, axes: tuple[Axis, ...] = (), only_dataset: str | None = None
    ) -> None:
        self._folder = folder
        self._planner = planner
        self._axes = axes
        self._only_dataset = only_dataset

    @cached_property
    def rows(self) -> dict[str, Table1Row]:
        """Every row of Table 1 by dataset: those with a case file, then datasets found under the data roots.

        Generators of installed plugins and the sets of ``--synthetic`` are added to every row. A dataset given with
        ``--real`` has only the latter, and the ceiling if it is asked for.

        Raises:
            UsageError: If a case file is not valid, or a synthetic set has the name of a generator.
        """
        data_paths = self._planner.data_paths
        folders = tuple(data_paths.folders)
        for name in folders:
            self._planner.generator(name)
        if self._only_dataset is not None:
            ceiling = (HeldBack.name,) if self._planner.overrides.ceiling else ()
            return {self._only_dataset: Table1Row(dataset=self._only_dataset, generators=folders + ceiling)}
        rows = read_rows(self._folder)
        for name in available(data_paths, reserved=(*generators, *folders)):
            rows.setdefault(name, Table1Row(dataset=name, generators=DEFAULT_GENERATORS))
        additional = (*generators.external_names, *folders)
        return {
            name: row.model_copy(update={"generators": tuple(dict.fromkeys(row.generators + additional))})
            for name, row in rows.items()
        }

    @cached_property
    def table1(self) -> tuple[Case, ...]:
        """Every cell of Table 1."""
        return tuple(case for row in self.rows.values() for case in row.cases)

    @cached_property
    def variants(self) -> tuple[Case, ...]:
        """Every cell of the sweeps."""
        return tuple(variant for case in self.table1 for axis in self._axes for variant in self._variants(case, axis))

    def curve_of_real_images(self, dataset: str) -> tuple[Case, ...]:
        """Return the cells that equivalent real images are read from: ``org`` with fewer real images."""
        return tuple(self._variants(Case(dataset=dataset, mode=Mode.ORG), AXES["scarcity"]))

    def _variants(self, case: Case, axis: Axis) -> Iterator[Case]:
        planner, budget = self._planner, self._planner.budget(case.dataset)
        sweep, corruptions = budget.sweep, budget.sweep.corruption
        if corruptions is None:
            corruptions = corruptions_at(budget.data.image_size)
        classifier, _ = find_classifier(planner.classifier_name())
        return variants_of(
            case,
            axis,
            sweep.model_copy(update={"classifier": planner.other_classifiers(case.dataset), "corruption": corruptions}),
            planner.generator_settings(case),
            classifier.settings,
        )

    @cached_property
    def discriminators(self) -> tuple[DiscriminatorCase, ...]:
        """Every row of the discriminator table."""
        return tuple(
            DiscriminatorCase(row.dataset, generator) for row in self.rows.values() for generator in row.generators
        )

    @property
    def present(self) -> dict[str, str]:
        """Path of every dataset whose files are on this machine, by name."""
        return {dataset: path for dataset, path in self._paths.items() if path is not None}

    @property
    def absent(self) -> tuple[str, ...]:
        """Names of the datasets that are neither on this machine nor allowed to be downloaded."""
        if self._planner.data_paths.download:
            return ()
        return tuple(dataset for dataset, path in self._paths.items() if path is None)

    @cached_property
    def _paths(self) -> dict[str, str | None]:
        """Path of every dataset's files, None if they are absent; nothing is downloaded.

        A dataset that cannot be used is left out: its cases fail and say why.
        """
        data_paths = self._planner.data_paths.model_copy(update={"download": False})
        paths: dict[str, str | None] = {}
        for dataset in self.rows:
            try:
                paths[dataset] = find_dataset(dataset, data_paths).locate(data_paths).where
            except Unavailable:
                paths[dataset] = None
            except SuiteError:
                continue
        return paths
