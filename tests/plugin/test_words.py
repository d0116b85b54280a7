"""``-k`` selects what its words say: nothing under ``cases/`` has a mode or a generator in its name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_project import ROOT, Project

from suite.plugin.options import OPTIONS
from suite.registry import SELECTORS

CASES = ROOT / "cases"
EXPRESSION = re.compile(r"""-k\s+(?:"([^"]+)"|'([^']+)'|([\w-]+))""")


def names(path: Path) -> Iterator[str]:
    """Yield the names that pytest's ``-k`` looks at: of the file, its functions, classes and marks."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "mark":
            yield node.attr


@pytest.mark.parametrize("path", sorted(CASES.rglob("*.py")), ids=lambda path: path.stem)
def test_no_name_has_a_reserved_word_in_it(path: Path) -> None:
    found = list(names(path))
    assert len(found) > 1
    assert [name for name in found if any(word in name.casefold() for word in SELECTORS)] == []


def documented() -> list[str]:
    """Return every ``-k`` expression that the documentation shows."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "cases").rglob("*.md")]
    found = {next(filter(None, groups)) for page in pages for groups in EXPRESSION.findall(page.read_text("utf-8"))}
    return sorted(found)


def words_of(line: str, datasets: set[str]) -> set[str]:
    """Return the words of a test's id: its dataset, its generator, its mode."""
    inside = line.partition("[")[2].rstrip("]")
    dataset = max((name for name in datasets if inside.startswith(f"{name}-")), key=len)
    return {dataset, *inside.removeprefix(f"{dataset}-").split("-")}


def meant(expression: str, words: set[str]) -> bool:
    """Return what an expression says of these words, each taken whole."""
    operators = {"and", "or", "not"}
    python = re.sub(r"[\w-]+", lambda m: m[0] if m[0] in operators else str(m[0] in words), expression)
    return bool(eval(python))


@pytest.fixture
def everything(project: Project) -> list[str]:
    """The ids of all tests under cases/."""
    return [line for line in project.run("--collect-only", "-q").outlines if "::" in line]


def test_ids_are_exactly_as_documented(everything: list[str]) -> None:
    of_digits = {line for line in everything if "[digits-" in line}
    cells = ("org", *(f"{name}-{mode}" for name in ("sd", "cd", "biggan") for mode in ("syn", "mix")))
    assert of_digits == {
        *(f"cases/test_table1.py::test_case[digits-{cell}]" for cell in cells),
        *(f"cases/test_discriminator.py::test_discriminator[digits-{name}]" for name in ("sd", "cd", "biggan")),
    }


def test_the_documentation_shows_expressions() -> None:
    assert {"digits", "digits and mix", "cd and not mix"} <= set(documented())


def test_every_documented_expression_selects_what_its_words_say(project: Project, everything: list[str]) -> None:
    datasets = {path.stem for path in CASES.glob("*.toml")}
    for expression in documented():
        found = [line for line in project.run("--collect-only", "-q", "-k", expression).outlines if "::" in line]
        assert found == [line for line in everything if meant(expression, words_of(line, datasets))], expression
        assert found, f"-k {expression!r} selects nothing"


def test_a_mode_that_is_part_of_a_dataset_name_is_a_warning(project: Project, data_root: Path) -> None:
    (data_root / "photos").rename(data_root / "organs")
    ambiguous = project.run("--data-root", data_root, "-k", "org and not cd", "--collect-only", "-q")
    ambiguous.stdout.fnmatch_lines(["*-k org also selects dataset organs*"])
    exact = project.run("--data-root", data_root, "-k", "organs", "--collect-only", "-q")
    exact.stdout.no_fnmatch_line("*also selects*")


def test_a_dataset_that_is_part_of_another_name_is_a_warning(project: Project) -> None:
    ambiguous = project.run("-k", "imagenette and org", "--collect-only", "-q")
    ambiguous.stdout.fnmatch_lines(["*-k imagenette also selects dataset imagenette64*"])
    exact = project.run("-k", "imagenette64 and org", "--collect-only", "-q")
    exact.stdout.no_fnmatch_line("*also selects*")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_is_documented_and_has_a_test_of_its_own(option: object) -> None:
    name: str = option.name  # type: ignore[attr-defined]
    assert f"`--{name}`" in (ROOT / "README.md").read_text(encoding="utf-8"), f"README.md does not name --{name}"
    assert Path(__file__).with_name(f"test_option_{name.replace('-', '_')}.py").is_file()
