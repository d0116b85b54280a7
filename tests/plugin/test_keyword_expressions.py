"""``-k`` expressions select cases by dataset, generator and mode: no other name has one of these words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_project import ROOT, Project

from suite.planning.options import OPTIONS
from suite.registry import RESERVED_WORDS

CASES = ROOT / "cases"
EXPRESSION = re.compile(r"""-k\s+(?:"([^"]+)"|'([^']+)'|([\w-]+))""")


def names(path: Path) -> Iterator[str]:
    """Yield the names that ``-k`` matches: those of the file, its functions, classes and marks."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "mark":
            yield node.attr


@pytest.mark.parametrize("path", sorted(CASES.rglob("*.py")), ids=lambda path: path.stem)
def test_no_name_contains_a_mode_or_generator(path: Path) -> None:
    found = list(names(path))
    assert len(found) > 1
    assert [name for name in found if any(word in name.casefold() for word in RESERVED_WORDS)] == []


def documented() -> list[str]:
    """Return every ``-k`` expression in the documentation."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "cases").rglob("*.md")]
    expressions = {
        next(filter(None, groups)) for page in pages for groups in EXPRESSION.findall(page.read_text("utf-8"))
    }
    return sorted(expressions)


def words_of(line: str, datasets: set[str]) -> set[str]:
    """Return the words of a test id: dataset, generator and mode."""
    parameters = line.partition("[")[2].rstrip("]")
    dataset = max((name for name in datasets if parameters.startswith(f"{name}-")), key=len)
    return {dataset, *parameters.removeprefix(f"{dataset}-").split("-")}


def matches(expression: str, words: set[str]) -> bool:
    """Return whether an expression is true of these words; only whole words match."""
    operators = {"and", "or", "not"}
    python = re.sub(r"[\w-]+", lambda m: m[0] if m[0] in operators else str(m[0] in words), expression)
    return bool(eval(python))


@pytest.fixture
def all_ids(project: Project) -> list[str]:
    """Ids of all tests under cases/."""
    return [line for line in project.run("--collect-only", "-q").outlines if "::" in line]


def test_ids_of_digits(all_ids: list[str]) -> None:
    ids = {line for line in all_ids if "[digits-" in line}
    cells = ("org", *(f"{name}-{mode}" for name in ("sd", "cd", "biggan") for mode in ("syn", "mix")))
    assert ids == {
        *(f"cases/test_table1.py::test_case[digits-{cell}]" for cell in cells),
        *(f"cases/test_discriminator.py::test_discriminator[digits-{name}]" for name in ("sd", "cd", "biggan")),
    }


def test_documentation_has_expressions() -> None:
    assert {"digits", "digits and mix", "cd and not mix"} <= set(documented())


def test_every_documented_expression_selects_the_matching_ids(project: Project, all_ids: list[str]) -> None:
    datasets = {path.stem for path in CASES.glob("*.toml")}
    for expression in documented():
        selected = [line for line in project.run("--collect-only", "-q", "-k", expression).outlines if "::" in line]
        assert selected == [line for line in all_ids if matches(expression, words_of(line, datasets))], expression
        assert selected, f"-k {expression!r} selects nothing"


def test_warning_if_a_mode_is_part_of_a_dataset_name(project: Project, data_root: Path) -> None:
    (data_root / "photos").rename(data_root / "organs")
    ambiguous = project.run("--data-root", data_root, "-k", "org and not cd", "--collect-only", "-q")
    ambiguous.stdout.fnmatch_lines(["*-k org also selects dataset organs*"])
    exact = project.run("--data-root", data_root, "-k", "organs", "--collect-only", "-q")
    exact.stdout.no_fnmatch_line("*also selects*")


def test_warning_if_a_dataset_name_is_part_of_another(project: Project) -> None:
    ambiguous = project.run("-k", "imagenette and org", "--collect-only", "-q")
    ambiguous.stdout.fnmatch_lines(["*-k imagenette also selects dataset imagenette64*"])
    exact = project.run("-k", "imagenette64 and org", "--collect-only", "-q")
    exact.stdout.no_fnmatch_line("*also selects*")


@pytest.mark.parametrize("name", ["mix", "cd", "mine"])
def test_dataset_named_like_a_mode_or_generator_is_rejected(project: Project, data_root: Path, name: str) -> None:
    (data_root / "photos").rename(data_root / name)
    message = project.usage_error("--data-root", data_root, "--synthetic", f"mine={data_root / name / 'train'}")
    assert message == (
        f"{data_root / name} has the name of a mode or generator, so that -k {name} would also select this dataset: "
        "rename it"
    )


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_is_documented_and_has_a_test_module(option: object) -> None:
    name: str = option.name  # type: ignore[attr-defined]
    page = ROOT / "docs" / "running.md"
    assert f"`--{name}`" in page.read_text(encoding="utf-8"), f"{page.name} does not name --{name}"
    assert Path(__file__).with_name(f"test_option_{name.replace('-', '_')}.py").is_file()
