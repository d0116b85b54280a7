"""What can be asked for: the cells of Table 1, of the sweeps and of the discriminator table."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from suite.datasets.locate import available, find_dataset
from suite.errors import SuiteError
from suite.generators.folder import Folder
from suite.generators.generator import generators
from suite.planning.case import Case
from suite.planning.commands import Wanted, command_of
from suite.planning.planner import Planner
from suite.planning.run_options import RunOptions
from suite.planning.table1_rows import Table1Row, read_rows
from suite.planning.variants import variants_of

BUILT_FROM_IMAGES = ("cd", "biggan")  # what can be trained on any images, for datasets without a row


class CaseCatalog:
    """Everything that a session can be asked for.

    Args:
        settings: What the options came to.
        folder: Directory of the cases, with a ``<dataset>.toml`` a row.
        planner: Knows budgets and datasets.
    """

    def __init__(self, settings: RunOptions, folder: Path, planner: Planner) -> None:
        self._settings = settings
        self._folder = folder
        self._planner = planner

    @cached_property
    def rows(self) -> dict[str, Table1Row]:
        """Every row of Table 1: those of the folder, then datasets that were found without one.

        Installed generators and images that exist already are generators of every row; a dataset given alone is
        compared with such images only.

        Raises:
            UsageError: If a row is none, or a name is taken.
        """
        given = tuple(self._settings.data_paths.folders)
        for name in given:
            generators.add(Folder(name))
        if (alone := self._settings.alone) is not None:
            return {alone: Table1Row(dataset=alone, generators=given)}
        rows = read_rows(self._folder)
        for name in available(self._settings.data_paths):
            rows.setdefault(name, Table1Row(dataset=name, generators=BUILT_FROM_IMAGES))
        more = (*generators.from_outside, *given)
        return {
            name: row.model_copy(update={"generators": tuple(dict.fromkeys(row.generators + more))})
            for name, row in rows.items()
        }

    @cached_property
    def table1(self) -> tuple[Case, ...]:
        """Every cell of Table 1."""
        return tuple(case for row in self.rows.values() for case in row.cases)

    @cached_property
    def variants(self) -> tuple[Case, ...]:
        """Every cell of the sweeps that were asked for."""
        return tuple(
            variant
            for case in self.table1
            for axis in self._settings.axes
            for variant in variants_of(
                case, axis, self._planner.budget(case.dataset).sweep, guided=self._planner.is_guided(case)
            )
        )

    @cached_property
    def discriminators(self) -> tuple[tuple[str, str], ...]:
        """Every (dataset, generator) of the discriminator table."""
        return tuple((row.dataset, generator) for row in self.rows.values() for generator in row.generators)

    def found(self) -> Iterator[str]:
        """Yield the datasets whose files are on this machine, with the place; fetches none."""
        data_paths = self._settings.data_paths.model_copy(update={"download": False})
        for dataset in self.rows:
            try:
                yield f"{dataset} ({find_dataset(dataset, data_paths).locate(data_paths).where})"
            except SuiteError:
                continue

    def command(self, wanted: Wanted) -> str:
        """Return the command that makes a cell or row again."""
        return command_of(wanted, self._settings)
