import sys
from pathlib import Path

import pytest

from suite.errors import Unavailable
from suite.generators.sd.tiny import fonts
from suite.generators.sd.tiny.fonts import DIGITS, FACES, captions, font_files, fonts_id


def test_every_typeface_is_included_in_matplotlib() -> None:
    files = font_files()
    assert len(files) == len(FACES) == 21
    assert all(path.read_bytes()[:4] in (b"\0\1\0\0", b"true") for path in files.values())


def test_the_content_id_depends_on_every_byte(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = fonts_id()
    files = dict(font_files())
    changed = tmp_path / "cmr10.ttf"
    changed.write_bytes(files["cmr10.ttf"].read_bytes()[:-1])
    monkeypatch.setattr(fonts, "font_files", lambda: files | {"cmr10.ttf": changed})
    assert fonts_id() != before


def test_missing_fonts_give_a_one_line_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)  # noqa: ARG005
    with pytest.raises(Unavailable, match="matplotlib's fonts: pip install matplotlib"):
        font_files()


def test_every_caption_names_its_digit_and_style_and_occurs_once() -> None:
    all_captions = captions()
    texts = [text for _, _, text in all_captions]
    assert len(set(texts)) == len(texts)
    assert all(DIGITS[digit] in text and style in text for digit, style, text in all_captions)
    assert {digit for digit, style, _ in all_captions if not style} == set(range(10))


def test_the_module_does_not_import_matplotlib() -> None:
    source = Path(fonts.__file__).read_text(encoding="utf-8")
    assert "import matplotlib" not in source
    assert "suite.generators.sd.tiny.fonts" in sys.modules
