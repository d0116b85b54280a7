"""Where the cases are: ``cases/`` of a checkout, or ``suite/_cases`` of an installed package."""

from pathlib import Path

CASES = "cases"
PACKAGE = Path(__file__).parents[1]
PACKAGED_CASES = PACKAGE / "_cases"  # the wheel has the files of cases/ here
FIRST_TEST = "test_table1.py"


def cases_folder(root: Path) -> Path:
    """Return the directory of the cases: that of ``root`` if it has one, else that of the package.

    Args:
        root: Root of a checkout, or of a project with cases of its own; or any other directory.
    """
    if (root / CASES / FIRST_TEST).is_file():
        return root / CASES
    return PACKAGED_CASES if PACKAGED_CASES.is_dir() else PACKAGE.parent / CASES
