"""Table 1 in LaTeX: structure, escaping, and compilation where a TeX is installed."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_results import not_valid

from suite.report.latex import escape, table1_tex
from suite.results.models import ResultsFile

DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,graphicx}
\begin{document}
%s
\end{document}
"""


def test_layout_is_that_of_the_paper(results: ResultsFile):
    lines = [line.strip() for line in table1_tex(results).splitlines()]
    assert lines.index(r"\toprule") < lines.index(r"\midrule") < lines.index(r"\bottomrule")
    assert r"\begin{tabular}{lccccccc}" in lines
    heads = [line for line in lines if line.startswith("&")]
    assert heads[0].startswith(r"& ORG & SYN\_SD & MIX\_SD")
    assert heads[1].startswith("& (Acc) & (Acc/IS/FD) & (Acc)")
    digits = next(line for line in lines if line.startswith(r"\textbf{digits}"))
    assert digits == (
        r"\textbf{digits} & 97.7 & 60.7/4.40/1800 & 97.3 & 92.7/7.17/412 & \textbf{99.2} & 88.1/6.72/640 & 97.8 \\"
    )
    melanoma = next(line for line in lines if line.startswith(r"\textbf{melanoma}"))
    assert melanoma.count("&") == 7
    assert "n/a" in melanoma
    assert sum(line.startswith(r"\caption{") for line in lines) == 1


def test_cells_that_are_not_valid_are_marked_and_never_the_best(make_results: Callable[..., ResultsFile]):
    def text(*invalid: str) -> str:
        cells = (not_valid(cell) if cell.case.id in invalid else cell for cell in make_results().cells)
        return table1_tex(make_results(cells=tuple(cells)))

    marked = text("digits-cd-mix", "digits-cd-syn")
    assert r"& 92.7!/7.17/412 & 99.2! & 88.1/6.72/640 & \textbf{97.8}" in marked
    assert "!: not valid." in marked
    tied = [cell.model_copy(update={"mean": 97.7}) for cell in make_results().cells if cell.case.id == "digits-cd-mix"]
    org = make_results().cells[0].model_copy(update={"mean": 97.7})
    assert r"\textbf{97.7} &  & 97.7! \\" in table1_tex(make_results(cells=(org, *map(not_valid, tied))))
    assert "!" not in text().partition("{!}{%")[2]


def test_braces_are_balanced(results: ResultsFile):
    text = table1_tex(results).replace(r"\{", "").replace(r"\}", "")
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("a_b & 5 % of #1", r"a\_b \& 5 \% of \#1"), (r"\input{x}", r"\textbackslash{}input\{x\}"), ("a\nb", "a b")],
)
def test_text_is_escaped(text: str, escaped: str):
    assert escape(text) == escaped


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a TeX: apt install texlive-latex-recommended")
def test_it_compiles_with_special_characters_in_names(make_results: Callable[..., ResultsFile], tmp_path: Path):
    hostile = r"\input{/etc/passwd} $_^&%#~{}<>|" + '"'
    cells = tuple(cell.model_copy(update={"dataset": hostile}) for cell in make_results().cells[:7])
    (tmp_path / "t.tex").write_text(DOCUMENT % table1_tex(make_results(cells=cells)), "utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    assert (tmp_path / "t.pdf").stat().st_size > 1000
