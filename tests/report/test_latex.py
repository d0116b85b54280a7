"""Table 1 in LaTeX: structure, escaping, and compilation where a TeX is installed."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.report.latex import escape, table1_tex
from suite.results.models import Results

DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,graphicx}
\begin{document}
%s
\end{document}
"""


def test_layout_is_that_of_the_paper(results: Results):
    lines = [line.strip() for line in table1_tex(results).splitlines()]
    assert lines.index(r"\toprule") < lines.index(r"\midrule") < lines.index(r"\bottomrule")
    assert r"\begin{tabular}{lccccccc}" in lines
    heads = [line for line in lines if line.startswith("&")]
    assert heads[0].startswith(r"& ORG & SYN\_SD & MIX\_SD")
    assert heads[1].startswith("& (Acc) & (Acc/IS/FD) & (Acc)")
    digits = next(line for line in lines if line.startswith(r"\textbf{digits}"))
    assert digits == (
        r"\textbf{digits} & 97.6 & 60.8/4.40/1800 & 97.3 & 92.9/7.17/412 & \textbf{99.2} & 88.1/6.72/640 & 97.6 \\"
    )
    melanoma = next(line for line in lines if line.startswith(r"\textbf{melanoma}"))
    assert melanoma.count("&") == 7
    assert "n/a" in melanoma
    assert sum(line.startswith(r"\caption{") for line in lines) == 1


def test_braces_are_balanced(results: Results):
    text = table1_tex(results).replace(r"\{", "").replace(r"\}", "")
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("a_b & 5 % of #1", r"a\_b \& 5 \% of \#1"), (r"\input{x}", r"\textbackslash{}input\{x\}"), ("a\nb", "a b")],
)
def test_text_is_escaped(text: str, escaped: str):
    assert escape(text) == escaped


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a TeX: apt install texlive-latex-recommended")
def test_it_compiles_with_special_characters_in_names(make_results: Callable[..., Results], tmp_path: Path):
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
