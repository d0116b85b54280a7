r"""Table 1 in LaTeX: a ``table`` environment with booktabs rules, for ``\input``."""

from collections.abc import Mapping

from suite.report.comparisons import is_valid, seeds_range
from suite.report.numbers import DASH, MINUS, short
from suite.report.tables import DISTANCES, NOT_VALID_MARK, metric_of
from suite.report.view import Table1Cell, table1_view
from suite.results.models import ResultsFile

SPECIAL: Mapping[int, str] = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "%": r"\%",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': "''",
        "\n": " ",
        "\r": " ",
        DASH: "--",
        MINUS: "$-$",
    }
)


def escape(text: str) -> str:
    """Return text with LaTeX's special characters escaped; non-ASCII letters stay and need a font that has them."""
    return text.translate(SPECIAL)


def table1_tex(results: ResultsFile) -> str:
    """Return Table 1 with the best accuracy of each row in bold. It needs the packages booktabs and graphicx."""
    columns, rows = table1_view(results)
    names = " & ".join(["", *(escape(column.name) for column in columns)])
    units = " & ".join(["", *(f"({escape(column.unit.replace(' ', ''))})" for column in columns)])
    body = "\n".join(
        f"    {' & '.join([_bold(dataset), *(_entry(entry) for entry in entries)])} \\\\" for dataset, entries in rows
    )
    return "\n".join(
        (
            r"% Needs \usepackage{booktabs,graphicx}.",
            r"\begin{table}[t]",
            r"  \centering",
            r"  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"  \begin{{tabular}}{{l{'c' * len(columns)}}}",
            r"    \toprule",
            f"    {names.strip()} \\\\",
            f"    {units.strip()} \\\\",
            r"    \midrule",
            body,
            r"    \bottomrule",
            r"  \end{tabular}}",
            rf"  \caption{{{_caption(results)}}}",
            rf"  \label{{tab:synthetic-data-{_label(results.profile)}}}",
            r"\end{table}",
            "",
        )
    )


def _bold(text: str) -> str:
    return rf"\textbf{{{escape(text)}}}"


def _entry(entry: Table1Cell) -> str:
    number = _bold(entry.text) if entry.best else escape(entry.text)
    if entry.not_valid:
        number += NOT_VALID_MARK
    if entry.result is None or entry.result.mode != "syn" or entry.result.mean is None:
        return number
    metrics = (short(metric_of(entry.result, *words)).replace(",", "") for words in (("is",), DISTANCES))
    return "/".join((number, *(escape(metric) for metric in metrics)))


def _caption(results: ResultsFile) -> str:
    cells = [cell for cell in results.cells if cell.variant is None]
    sentence = (
        f"Accuracy in percent on real {results.evaluate} images, mean over {seeds_range(cells)}, of classifiers "
        "trained on real images (ORG), on synthetic images (SYN) and on both (MIX). Best of each row in bold."
    )
    if not all(map(is_valid, cells)):
        sentence += f" {NOT_VALID_MARK}: not valid."
    metric_ids = dict.fromkeys(
        name
        for cell in results.cells
        if cell.mode == "syn"
        for words in (("is",), DISTANCES)
        for name in [next((metric for metric in cell.metrics if metric.partition("(")[0] in words), "")]
        if name
    )
    ids = "; ".join(escape(name).replace(":", r":\allowbreak ") for name in metric_ids)
    return f"{escape(sentence)}{f' Metrics: {ids}.' if ids else ''}"


def _label(text: str) -> str:
    """Return text with every character that a LaTeX label may not have replaced by a hyphen."""
    return "".join(character if character.isalnum() and character.isascii() else "-" for character in text)
