"""Tests of the HTML page: self-contained, escaped, complete and reproducible."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

import pytest
from sample_results import not_valid

from suite.datasets.checks import Check
from suite.report.costs import costs, totals
from suite.report.page import page
from suite.report.view import TIMES
from suite.results.models import DiscriminatorResult, ResultsFile
from suite.results.provenance import PipelineStep

HOSTILE = "<script>alert('x')</script>\"'&{{ 7 * 7 }}"
HOSTILE_CHECK = Check(name=HOSTILE, severity="warning", found=(HOSTILE,))
PICTURES = {
    "thumbnails-digits.webp": b"RIFF real",
    "thumbnails-digits-cd.webp": b"RIFF cd",
    "least-agreed-digits-cd.webp": b"RIFF least",
    "least-agreed-digits-cd.json": b'[[{"taken_for": 1, "probability": 0.9, "own": 0.1},'
    b' {"taken_for": 0, "probability": 0.4, "own": 0.4}]]',
    "neighbours-digits-cd.webp": b"RIFF near",
    "differences-digits.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


class Elements(HTMLParser):
    """Elements of a page with their attributes, and the text of the open elements by tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def text(results: ResultsFile) -> str:
    return page(results, PICTURES)


def test_same_results_give_the_same_page(make_results: Callable[..., ResultsFile], text: str):
    assert page(make_results(), dict(reversed(PICTURES.items()))) == text


def test_policy_allows_only_the_inline_style_and_script(text: str):
    policy = next(meta["content"] for meta in Elements(text).all("meta") if meta.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert f"{source} 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy


def test_no_external_resources(text: str):
    for tag, attributes in Elements(text).elements:
        assert "style" not in attributes, f"the policy blocks the style attribute of <{tag}>"
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "srcset", "action", "data"):
            target = attributes.get(name)
            assert target is None or target.startswith(("#", "data:image/")), (tag, target)
    assert "@import" not in text
    assert "url(" not in text


def test_references_have_targets_and_images_have_alternative_text(text: str):
    elements = Elements(text)
    ids = [attributes["id"] for _, attributes in elements.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in elements.elements:
        target = attributes.get("href") or ""
        assert not target.startswith("#") or target[1:] in ids, (tag, target)
    assert all(image.get("alt") for image in elements.all("img"))
    assert all(svg.get("aria-label") for svg in elements.all("svg") if svg.get("aria-hidden") != "true")
    assert all(header.get("scope") in ("col", "row", "rowgroup") for header in elements.all("th"))


def test_answer_is_the_first_section(text: str):
    order = [text.index(f'id="{name}"') for name in ("answer", "table1", "differences", "discriminator", "metrics")]
    order += [text.index(f'id="{name}"') for name in ("images", "cost", "provenance")]
    assert order == sorted(order)


def test_table1_shows_the_papers_numbers_and_marks_deviations(text: str):
    table = text[text.index('id="table1"') : text.index('id="differences"')]
    headers = re.findall(r'<th scope="col">(\w+) <small>(.*?)</small>', table)
    assert headers[:3] == [("ORG", "Acc"), ("SYN_SD", "Acc / IS / FD"), ("MIX_SD", "Acc")]
    assert "paper 58.1" in table
    assert "below 60 to 70" in table
    assert "<strong>99.2</strong>" in table
    assert "melanoma-cd-syn: 54.9 lies outside the expected 60 to 70" in table
    assert "sd needs a pipeline: give its directory" in table
    assert table.count("⚠") == 5, "four cells and the explanation of the symbol"


def test_images_are_shown_class_by_class(text: str):
    elements = Elements(text)
    strips = [svg for svg in elements.all("svg") if svg.get("class") == "strip"]
    assert len(strips) == 10 * (2 + 1 + 1)
    assert strips[2]["viewbox"] == "0 1 8 0.95"
    assert strips[-1]["viewbox"] == "0 18 8 1.95"
    assert f"predicted: one{TIMES}1, correct class{TIMES}1" in text
    assert len(elements.all("image")) == 4
    assert len(elements.all("option")) == 11


def test_sections_without_content_are_left_out(make_results: Callable[..., ResultsFile]):
    text = page(make_results(cells=(), discriminators=(), correlations=(), datasets=(), pipeline=()), {})
    assert 'id="images"' not in text
    assert 'id="differences"' not in text
    assert 'href="#cost"' not in text


def test_configuration_lists_the_settings_of_every_stage(text: str):
    table = text[text.index("Configuration") : text.index("Software and hardware")]
    rows = re.findall(r"<tr><th scope=\"(\w+)\".*?>(.*?)</th>(.*?)</tr>", table)
    assert [(scope, re.sub("<.*?>", "", name), re.sub("<.*?>", "", value)) for scope, name, value in rows[1:]] == [
        ("rowgroup", "classifier", ""),
        ("row", "width", "16"),
        ("row", "epochs", "10"),
        ("rowgroup", "cd", ""),
        ("row", "training.steps", "1000"),
        ("row", "sampling.solver", "dpm-solver++"),
    ]


def test_every_cell_has_its_command_and_what_its_generator_was_trained_on(results: ResultsFile, text: str):
    codes = re.findall('<code class="command">(.*?)</code>', text)
    commands = [unescape(re.sub("<.*?>", "", code)) for code in codes]
    for cell in results.cells:
        assert cell.command in commands
    assert "this train split" in text
    assert "CC BY 4.0" in text
    assert "2.14.1" in text


def test_markup_in_results_is_escaped(make_results: Callable[..., ResultsFile]):
    valid = make_results()
    cells = tuple(
        cell.model_copy(
            update={
                "dataset": HOSTILE,
                "reason": HOSTILE if cell.reason else None,
                "command": HOSTILE,
                "notes": (HOSTILE,),
                "trained_on": HOSTILE,
                "counts": cell.counts and cell.counts.model_copy(update={"classes": (HOSTILE,) * 10}),
                "keys": {HOSTILE: (HOSTILE,)},
                "checks": (HOSTILE_CHECK,),
                "measurements": tuple(
                    {**measurement, "name": HOSTILE, "note": HOSTILE, "id": HOSTILE}
                    for measurement in cell.measurements
                ),
            }
        )
        for cell in valid.cells
    )
    row = DiscriminatorResult(dataset=HOSTILE, generator=HOSTILE, status="failed", reason=HOSTILE, command=HOSTILE)
    facts = valid.datasets[0].model_copy(
        update={"name": HOSTILE, "url": "javascript:alert(1)", "checks": (HOSTILE_CHECK,)}
    )
    text = page(
        make_results(
            title=HOSTILE,
            command=HOSTILE,
            notes=(HOSTILE,),
            cells=cells,
            discriminators=(row,),
            datasets=(facts,),
            pipeline=(PipelineStep(step=HOSTILE, count=1, reads=("unknown",)),),
        ),
        {},
    )
    elements = Elements(text)
    assert len(elements.all("script")) == 1
    assert "49" not in "".join(elements.texts["h3"])
    assert text.count("<script>") == 1
    assert "javascript:alert(1)" not in [link.get("href") for link in elements.all("a")]
    assert HOSTILE in "".join(elements.texts["h3"]), "the name is shown unchanged"


def test_table_of_filters_shows_counts_and_the_data_they_use(swept: ResultsFile, text: str):
    assert "<h3>Filters" not in text
    shown = page(swept, {})
    table = shown[shown.index("<h3>Filters") : shown.index("<h3>All variants")]
    assert "digits-cd-syn-filter-agreement" in table
    assert "real images, real labels" in table
    assert "this train split" in table
    assert "zero 90/100, one 80/100" in table
    assert 'data-value="750"' in table


def test_a_cell_that_is_not_valid_has_its_reason_before_any_number(make_results: Callable[..., ResultsFile]):
    reason = "394 of 394 test images are among the synthetic ones"
    invalid = ("digits-cd-syn", "melanoma-cd-mix")
    cells = (not_valid(cell, reason) if cell.case.id in invalid else cell for cell in make_results().cells)
    shown = page(make_results(cells=tuple(cells)), {})
    digits, melanoma = shown[shown.index('id="answer"') : shown.index('id="setup"')].split("</article>")[:2]
    assert digits.index(f"not valid: digits-cd-syn: {reason}") < digits.index('<p class="headline">')
    assert f"Not valid: {reason}." in melanoma
    table = shown[shown.index('id="differences"') : shown.index('id="discriminator"')]
    (row,) = [row for row in table.split("</tr>") if ">digits-cd-syn<" in row]
    assert row.index("not valid") < row.index(reason) < row.index("\N{MINUS SIGN}5.1")
    assert '<td data-value="-5.' not in row, "it sorts last"
    entry = shown[shown.index('id="table1"') :].partition(">92.7<")[0][-200:]
    assert '<small class="line deviation">not valid</small>' in entry


def test_differences_have_interval_verdict_and_seeds(swept: ResultsFile):
    shown = page(swept, {})
    table = shown[shown.index('id="differences"') : shown.index('id="sweeps"')]
    assert "95 % jointly per dataset" in table
    card = shown[shown.index('id="answer"') : shown.index("</article>")]
    assert '<small class="line">at equal steps \N{MINUS SIGN}1.5 [' in card
    assert card.count('<small class="line">with 2.0 times the optimiser steps</small>') == 2
    (row,) = [row for row in table.split("</tr>") if ">digits-cd-mix<" in row]
    texts = [re.sub("<.*?>", "", cell).strip() for cell in re.findall("<td.*?>(.*?)</td>", row, re.DOTALL)]
    assert texts == [
        "+1.3 [\N{MINUS SIGN}0.3, +2.2]",
        "◇ undecided360 test images cannot show less than about 1.5 points",
        "5, stopped",
        "\N{MINUS SIGN}1.5 [\N{MINUS SIGN}3.4, +0.4]",
        "2,694",
        "26,940",
        "440",
    ]
    sweeps = shown[shown.index("<h3>All variants") : shown.index('id="discriminator"')]
    assert "verdict (exploratory)" in sweeps
    assert "exploratory" not in table


def test_verdicts_of_the_old_procedure_are_labelled(make_results: Callable[..., ResultsFile], text: str):
    assert "Old procedure" not in text
    cells = (
        cell.model_copy(update={"judgement": cell.judgement.model_copy(update={"old_procedure": True, "reason": ""})})
        if cell.judgement
        else cell
        for cell in make_results().cells
    )
    shown = page(make_results(cells=tuple(cells)), {})
    assert "<small>old procedure</small>" in shown
    assert "Old procedure: intervals are 95 % for each cell" in shown
    assert "95 % jointly" not in shown


def test_intervals_of_table_1_combine_seeds_and_test_images(make_results: Callable[..., ResultsFile]):
    org = make_results().cells[0].model_copy(update={"mean": 90.0, "interval": (87.0, 93.0)})
    for image_interval, combined in (
        ((86.0, 94.0), "85.0 to 95.0"),
        (None, "87.0 to 93.0"),
        ((78.0, 102.0), "77.6 to 100.0"),
    ):
        shown = page(make_results(cells=(org.model_copy(update={"image_interval": image_interval}),)), {})
        assert f'<small class="line">{combined}</small>' in shown


def test_costs_shared_by_two_cells_are_counted_once(make_results: Callable[..., ResultsFile]):
    cells = [cell for cell in make_results().cells if cell.dataset == "digits" and cell.generator in (None, "cd")]
    assert totals(costs(make_results(cells=tuple(cells)))) == {"digits": pytest.approx(55.2 + 9.4 + 116.3 + 2 * 106.7)}


def test_every_number_of_table_1_links_to_its_command(results: ResultsFile, text: str):
    rows = dict(re.findall(r'<th scope="row" id="(cell-\d+)">(.*?)<', text))
    table = text[text.index('id="table1"') : text.index('id="differences"')]
    links = re.findall(r'<a href="#(cell-\d+)">', table)
    assert {rows[link] for link in links} == {cell.case.id for cell in results.cells if cell.variant is None}
    assert len(links) == 12
    assert "paper trained on all images" in table
