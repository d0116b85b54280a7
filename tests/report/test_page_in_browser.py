"""Tests of the page in a headless Chromium, controlled over a pipe: no driver, no port, no network."""

import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_results import not_valid

from suite.artifacts import Store
from suite.pictures.contact_sheet import draw_thumbnails
from suite.report.figures import build_figures
from suite.report.writer import write_report
from suite.results.models import ResultsFile

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
AXE = Path(os.environ.get("AXE_CORE", Path(__file__).parents[2] / "node_modules" / "axe-core")) / "axe.min.js"
HOSTILE = "<img src=x onerror=alert(1)>"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium: apt install chromium")


class Browser:
    """A headless Chromium with one page, controlled by the DevTools protocol over file descriptors 3 and 4."""

    def __init__(self, profile: Path) -> None:
        child_in, parent_out = os.pipe()
        parent_in, child_out = os.pipe()

        def set_descriptors() -> None:
            read, write = os.dup(child_in), os.dup(child_out)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self._process = subprocess.Popen(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=set_descriptors,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(child_in)
        os.close(child_out)
        self._out, self._in = os.fdopen(parent_out, "wb", 0), os.fdopen(parent_in, "rb")
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        pages = self.call("Target.getTargets")["targetInfos"]
        target_id = next(target["targetId"] for target in pages if target["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target_id, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while (reply := self._read()).get("id") != number:
            self.events.append(reply)
        assert "error" not in reply, reply
        return dict(reply["result"])

    def open(self, path: Path, *, width: int = 1280, dark: bool = False, media: str = "") -> None:
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[theme])
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def run(self, script: str) -> Any:
        reply = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def press(self, key: str) -> None:
        text = {"Enter": "\r"}.get(key)
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=13, **extra)

    def messages(self) -> list[dict[str, Any]]:
        kinds = (
            "Log.entryAdded",
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Page.javascriptDialogOpening",
        )
        return [event for event in self.events if event.get("method") in kinds]

    def requests(self) -> list[str]:
        sent = [event for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def close(self) -> None:
        self._session = None
        self.call("Browser.close")
        self._process.wait(30)
        self._out.close()
        self._in.close()

    def _read(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            assert byte, "the browser exited"
            message += byte
        return dict(json.loads(message))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    started = Browser(tmp_path_factory.mktemp("browser"))
    yield started
    started.close()


@pytest.fixture(scope="module")
def report(make_results: Callable[..., ResultsFile], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every kind of picture, and a class name that contains markup."""
    folder = tmp_path_factory.mktemp("report")
    store = Store(folder / "store")
    store.prepare()
    cells = tuple(
        cell.model_copy(
            update={"counts": cell.counts.model_copy(update={"classes": (HOSTILE, *cell.counts.classes[1:])})}
        )
        if cell.counts
        else cell
        for cell in make_results().cells
    )
    results, pictures = build_figures(make_results(cells=cells), store)
    rng = np.random.default_rng(0)
    for name in ("thumbnails-digits", "thumbnails-digits-cd", "least-agreed-digits-cd", "neighbours-digits-cd"):
        rows = 20 if name.startswith("neighbours") else 10
        images = [list(rng.integers(0, 256, (8, 8, 8, 3), dtype=np.uint8)) for _ in range(rows)]
        pictures[f"{name}.webp"] = folder / f"{name}.webp"
        draw_thumbnails(pictures[f"{name}.webp"], images)
    return write_report(results, folder, pictures) / "index.html"


def test_page_loads_without_console_messages_or_network(browser: Browser, report: Path):
    browser.open(report)
    assert browser.messages() == []
    assert {url.partition(":")[0] for url in browser.requests()} == {"file", "data"}
    assert [url for url in browser.requests() if url.startswith("file")] == [report.as_uri()]


def test_images_load(browser: Browser, report: Path):
    browser.open(report)
    loaded = browser.run("[...document.images].map((image) => image.complete && image.naturalWidth > 0)")
    assert loaded == [True] * 3
    sheets = browser.run(
        """Promise.all([...document.querySelectorAll("svg.sheets image")].map(async (element) => {
          const image = new Image();
          image.src = element.getAttribute("href");
          await image.decode();
          return image.naturalWidth;
        }))"""
    )
    assert sheets == [72] * 4
    strips = browser.run(
        '[...document.querySelectorAll("svg.strip")].map((strip) => strip.getBoundingClientRect().height)'
    )
    assert len(strips) == 40
    assert min(strips) > 15


def test_markup_in_a_class_name_is_escaped(browser: Browser, report: Path):
    browser.open(report)
    assert browser.run('document.querySelector(".class .name").textContent') == HOSTILE
    assert browser.run('document.querySelectorAll("[onerror]").length') == 0
    assert browser.messages() == []


def test_an_injected_script_does_not_run(browser: Browser, report: Path, tmp_path: Path):
    injected = "<footer><script>window.executed = true</script>"
    changed = tmp_path / "index.html"
    changed.write_text(report.read_text("utf-8").replace("<footer>", injected), "utf-8")
    browser.open(changed)
    assert browser.run("window.executed") is None
    assert len(browser.messages()) == 1


def test_tables_sort_by_mouse_and_by_keyboard(browser: Browser, report: Path):
    browser.open(report)
    points = (
        """[...document.querySelectorAll("#differences tbody tr")].map((row) => Number(row.cells[1].dataset.value))"""
    )
    header = 'document.querySelectorAll("#differences thead th")[1]'
    before = browser.run(points)
    browser.run(f'{header}.querySelector("button").click()')
    assert browser.run(f'{header}.getAttribute("aria-sort")') == "ascending"
    assert browser.run(points) == sorted(before) != before
    browser.run(f'{header}.querySelector("button").focus()')
    browser.press("Enter")
    assert browser.run(f'{header}.getAttribute("aria-sort")') == "descending"
    assert browser.run(points) == sorted(before, reverse=True)
    other = 'document.querySelectorAll("#differences thead th")[0]'
    browser.run(f'{other}.querySelector("button").click()')
    assert browser.run(f'{header}.getAttribute("aria-sort")') is None
    names = browser.run('[...document.querySelectorAll("#differences tbody th")].map((header) => header.textContent)')
    assert names == sorted(names)


def test_rows_without_a_value_sort_last_in_both_directions(browser: Browser, report: Path):
    browser.open(report)
    last = '[...document.querySelectorAll("#table1 tbody th")].at(-1).textContent'
    button = 'document.querySelectorAll("#table1 thead th")[6].querySelector("button")'
    for _ in range(2):
        browser.run(f"{button}.click()")
        assert browser.run(last) == "melanoma", "melanoma has no biggan cell"


def test_images_can_be_filtered_by_class(browser: Browser, report: Path):
    browser.open(report)
    visible = """[...document.querySelectorAll(".class")].filter((row) => row.offsetParent).map(
      (row) => row.dataset.class)"""
    assert len(browser.run(visible)) == 30
    browser.run(
        """const select = document.querySelector(".class-selector select");
        select.value = "4";
        select.dispatchEvent(new Event("change"));"""
    )
    assert browser.run(visible) == ["4", "4", "4"]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_page_does_not_scroll_horizontally(browser: Browser, report: Path, width: int):
    browser.open(report, width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_dark_mode_applies_to_screen_but_not_to_print(browser: Browser, report: Path):
    background = "getComputedStyle(document.body).backgroundColor"
    browser.open(report, dark=True)
    assert browser.run(background) == "rgb(18, 23, 29)"
    browser.open(report)
    assert browser.run(background) == "rgb(255, 255, 255)"
    browser.open(report, dark=True, media="print")
    assert browser.run(background) == "rgb(255, 255, 255)"
    assert browser.run('getComputedStyle(document.querySelector("nav")).display') == "none"


def test_printed_tables_fit_the_page(browser: Browser, report: Path, swept: ResultsFile, tmp_path: Path):
    cells = tuple(not_valid(cell) if cell.mode == "syn" else cell for cell in swept.cells if cell.judgement)
    with_sweeps = write_report(swept.model_copy(update={"cells": (swept.cells[0], *cells)}), tmp_path, {})
    for page in (with_sweeps / "index.html", report):
        browser.open(page, width=718, media="print")  # the inner width of A4 in CSS pixels
        edges = browser.run('[...document.querySelectorAll("table")].map((one) => one.getBoundingClientRect().right)')
        assert max(edges) <= 718 - 1
    printed = base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert printed.startswith(b"%PDF")


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm install axe-core, or AXE_CORE=its directory")
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_serious_violation(browser: Browser, report: Path, dark: bool):
    browser.open(report, dark=dark)
    browser.run(AXE.read_text("utf-8"))
    found = browser.run(
        "axe.run().then((found) => found.violations.map((rule) => [rule.impact, rule.id, rule.nodes[0].html]))"
    )
    assert [rule for rule in found if rule[0] in ("serious", "critical")] == []
