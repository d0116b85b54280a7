import sys
from pathlib import Path

import pytest

from suite.errors import Unavailable
from suite.generators.sd.tiny import fonts
from suite.generators.sd.tiny.fonts import DIGITS, FACES, captions, font_files, fonts_id


def test_every_typeface_is_in_the_bundle() -> None:
    files = font_files()
    assert len(files) == len(FACES) == 21
    assert all(path.read_bytes()[:4] in (b"\0\1\0\0", b"true") for path in files.values())


def test_the_id_tells_of_every_byte(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = fonts_id()
    files = dict(font_files())
    changed = tmp_path / "cmr10.ttf"
    changed.write_bytes(files["cmr10.ttf"].read_bytes()[:-1])
    monkeypatch.setattr(fonts, "font_files", lambda: files | {"cmr10.ttf": changed})
    assert fonts_id() != before


def test_missing_fonts_are_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)  # noqa: ARG005
    with pytest.raises(Unavailable, match="matplotlib's fonts: pip install matplotlib"):
        font_files()


def test_every_digit_has_every_caption_once() -> None:
    every = captions()
    texts = [text for _, _, text in every]
    assert len(set(texts)) == len(texts)
    assert all(DIGITS[digit] in text and style in text for digit, style, text in every)
    assert {digit for digit, style, _ in every if not style} == set(range(10))


def test_planning_needs_no_matplotlib() -> None:
    source = Path(fonts.__file__).read_text(encoding="utf-8")
    assert "import matplotlib" not in source
    assert "suite.generators.sd.tiny.fonts" in sys.modules
