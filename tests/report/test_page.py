"""The page: self-contained, escaped, complete, and the same for the same results."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

import pytest

from suite.report.costs import costs, totals
from suite.report.page import page
from suite.results.models import Discriminator, Results
from suite.results.provenance import Stage

HOSTILE = "<script>alert('x')</script>\"'&{{ 7 * 7 }}"
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
    """Every element of a page with its attributes, and the text of those that are looked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def text(results: Results) -> str:
    return page(results, PICTURES)


def test_same_results_make_the_same_page(make_results: Callable[..., Results], text: str):
    assert page(make_results(), dict(reversed(PICTURES.items()))) == text


def test_policy_allows_nothing_but_the_page_itself(text: str):
    policy = next(one["content"] for one in Elements(text).all("meta") if one.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in policy
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert f"{source} 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy


def test_nothing_comes_from_outside(text: str):
    for tag, attributes in Elements(text).found:
        assert "style" not in attributes, f"the policy refuses the style of <{tag}>"
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "srcset", "action", "data"):
            target = attributes.get(name)
            assert target is None or target.startswith(("#", "data:image/")), (tag, target)
    assert "@import" not in text
    assert "url(" not in text


def test_every_reference_has_its_target_and_every_image_its_text(text: str):
    elements = Elements(text)
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in elements.found:
        target = attributes.get("href") or ""
        assert not target.startswith("#") or target[1:] in ids, (tag, target)
    assert all(one.get("alt") for one in elements.all("img"))
    assert all(one.get("aria-label") for one in elements.all("svg") if one.get("aria-hidden") != "true")
    assert all(one.get("scope") in ("col", "row", "rowgroup") for one in elements.all("th"))


def test_answer_comes_first(text: str):
    order = [text.index(f'id="{name}"') for name in ("answer", "table1", "differences", "discriminator", "metrics")]
    order += [text.index(f'id="{name}"') for name in ("images", "cost", "provenance")]
    assert order == sorted(order)


def test_table1_has_the_papers_numbers_and_marks_deviations(text: str):
    table = text[text.index('id="table1"') : text.index('id="differences"')]
    heads = re.findall(r'<th scope="col">(\w+) <small>(.*?)</small>', table)
    assert heads[:3] == [("ORG", "Acc"), ("SYN_SD", "Acc / IS / FD"), ("MIX_SD", "Acc")]
    assert "paper 58.1" in table
    assert "below 60 to 70" in table
    assert "<strong>99.2</strong>" in table
    assert "melanoma-cd-syn: 55.0 lies outside the expected 60 to 70" in table
    assert "sd needs a pipeline: give its directory" in table
    assert table.count("⚠") == 5, "four cells, and the words that explain the sign"


def test_images_are_shown_class_by_class(text: str):
    elements = Elements(text)
    strips = [one for one in elements.all("svg") if one.get("class") == "strip"]
    assert len(strips) == 10 * (2 + 1 + 1)
    assert strips[2]["viewbox"] == "0 1 8 0.95"
    assert strips[-1]["viewbox"] == "0 18 8 1.95"
    assert "taken for one" in text
    assert "its own class" in text
    assert len(elements.all("image")) == 4
    assert len(elements.all("option")) == 11


def test_what_is_not_there_is_left_out(make_results: Callable[..., Results]):
    bare = page(make_results(cells=(), discriminators=(), correlations=(), datasets=(), pipeline=()), {})
    assert 'id="images"' not in bare
    assert 'id="differences"' not in bare
    assert 'href="#cost"' not in bare


def test_every_stage_says_what_it_was_told(text: str):
    table = text[text.index("Configuration") : text.index("Software and machines")]
    rows = re.findall(r"<tr><th scope=\"(\w+)\".*?>(.*?)</th>(.*?)</tr>", table)
    assert [(scope, re.sub("<.*?>", "", name), re.sub("<.*?>", "", value)) for scope, name, value in rows[1:]] == [
        ("rowgroup", "classifier", ""),
        ("row", "width", "16"),
        ("row", "epochs", "10"),
        ("rowgroup", "cd", ""),
        ("row", "training.steps", "1000"),
        ("row", "sampling.solver", "dpm-solver++"),
    ]


def test_every_cell_has_its_command_and_what_its_generator_saw(results: Results, text: str):
    commands = [unescape(re.sub("<.*?>", "", one)) for one in re.findall('<code class="command">(.*?)</code>', text)]
    for cell in results.cells:
        assert cell.command in commands
    assert "this train split" in text
    assert "CC BY 4.0" in text
    assert "2.14.1" in text


def test_hostile_words_stay_text(make_results: Callable[..., Results]):
    honest = make_results()
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
                "measurements": tuple(
                    {**one, "name": HOSTILE, "note": HOSTILE, "id": HOSTILE} for one in cell.measurements
                ),
            }
        )
        for cell in honest.cells
    )
    row = Discriminator(dataset=HOSTILE, generator=HOSTILE, status="failed", reason=HOSTILE, command=HOSTILE)
    fact = honest.datasets[0].model_copy(update={"name": HOSTILE, "url": "javascript:alert(1)", "remarks": (HOSTILE,)})
    text = page(
        make_results(
            title=HOSTILE,
            command=HOSTILE,
            notes=(HOSTILE,),
            cells=cells,
            discriminators=(row,),
            datasets=(fact,),
            pipeline=(Stage(step=HOSTILE, count=1, reads=("nobody",)),),
        ),
        {},
    )
    elements = Elements(text)
    assert len(elements.all("script")) == 1
    assert "49" not in "".join(elements.texts["h3"])
    assert text.count("<script>") == 1
    assert "javascript:alert(1)" not in [one.get("href") for one in elements.all("a")]
    assert HOSTILE in "".join(elements.texts["h3"]), "the name is shown as it is"


def test_filters_have_a_table_with_what_they_have_seen(swept: Results, text: str):
    assert "What filters kept" not in text
    shown = page(swept, {})
    table = shown[shown.index("<h3>What filters kept") : shown.index("<h3>Every variant")]
    assert "digits-cd-syn-filter-agreement" in table
    assert "real images, real labels" in table
    assert "this train split" in table
    assert "zero 90/100, one 80/100" in table
    assert 'data-value="750"' in table


def test_leaks_and_copies_stand_in_the_answer_and_beside_table_1(make_results: Callable[..., Results], text: str):
    assert "What to doubt" not in text
    honest = make_results()
    leaking = honest.datasets[0].model_copy(update={"leaks": 12})
    shown = page(make_results(datasets=(leaking,)), {})
    leak = "12 of 360 test images"
    assert shown.index('id="answer"') < shown.index(leak) < shown.index('id="table1"')
    assert shown.index("What to doubt") < shown.rindex(leak) < shown.index('id="differences"')


def test_intervals_of_table_1_are_over_seeds_and_images(make_results: Callable[..., Results]):
    org = make_results().cells[0].model_copy(update={"mean": 90.0, "interval": (87.0, 93.0)})
    for images, whole in (
        ((86.0, 94.0), "85.0 to 95.0"),
        (None, "87.0 to 93.0"),
        ((78.0, 102.0), "77.6 to 100.0"),
    ):
        shown = page(make_results(cells=(org.model_copy(update={"image_interval": images}),)), {})
        assert f'<small class="line">{whole}</small>' in shown


def test_what_two_cells_share_is_paid_for_once(make_results: Callable[..., Results]):
    cells = [cell for cell in make_results().cells if cell.dataset == "digits" and cell.generator in (None, "cd")]
    assert totals(costs(make_results(cells=tuple(cells)))) == {"digits": pytest.approx(55.2 + 9.4 + 116.3 + 2 * 106.7)}


def test_every_number_of_table_1_leads_to_its_command(results: Results, text: str):
    rows = dict(re.findall(r'<th scope="row" id="(made-\d+)">(.*?)<', text))
    table = text[text.index('id="table1"') : text.index('id="differences"')]
    links = re.findall(r'<a href="#(made-\d+)">', table)
    assert {rows[link] for link in links} == {cell.case.id for cell in results.cells if cell.variant is None}
    assert len(links) == 12
    assert "paper trained on all images" in table
