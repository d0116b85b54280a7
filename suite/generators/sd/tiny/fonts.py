"""Typefaces that the tiny pipeline is trained on: those included in matplotlib."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from suite.errors import Unavailable

# Style of each typeface, in words. Every typeface in matplotlib with lining figures (digits of full height).
FACES = MappingProxyType(
    {
        "DejaVuSans.ttf": "sans",
        "DejaVuSans-Bold.ttf": "bold sans",
        "DejaVuSans-BoldOblique.ttf": "bold slanted sans",
        "DejaVuSans-Oblique.ttf": "slanted sans",
        "DejaVuSansMono.ttf": "typewriter",
        "DejaVuSansMono-Bold.ttf": "bold typewriter",
        "DejaVuSansMono-BoldOblique.ttf": "bold slanted typewriter",
        "DejaVuSansMono-Oblique.ttf": "slanted typewriter",
        "DejaVuSerif.ttf": "serif",
        "DejaVuSerif-Bold.ttf": "bold serif",
        "DejaVuSerif-BoldItalic.ttf": "bold slanted serif",
        "DejaVuSerif-Italic.ttf": "slanted serif",
        "STIXGeneral.ttf": "roman",
        "STIXGeneralBol.ttf": "bold roman",
        "STIXGeneralBolIta.ttf": "bold slanted roman",
        "STIXGeneralItalic.ttf": "slanted roman",
        "cmb10.ttf": "bold roman",
        "cmr10.ttf": "roman",
        "cmss10.ttf": "sans",
        "cmti10.ttf": "slanted roman",
        "cmtt10.ttf": "typewriter",
    }
)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLAIN = ("the digit {digit}", "a photo of the digit {digit}", "the number {digit}", "{digit}")
STYLED = ("the digit {digit} in {style}", "a {style} {digit}")


def font_files() -> dict[str, Path]:
    """Return the file of each typeface by its name in ``FACES``, without importing matplotlib.

    Raises:
        Unavailable: If a typeface is missing.
    """
    package = find_spec("matplotlib")
    if package is None or not package.submodule_search_locations:
        raise Unavailable("the tiny pipeline is trained on matplotlib's fonts: pip install matplotlib")
    folder = Path(package.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
    files = {name: folder / name for name in FACES}
    missing = [name for name, path in files.items() if not path.is_file()]
    if missing:
        raise Unavailable(f"matplotlib's font {missing[0]} is not in {folder}: pip install matplotlib from PyPI")
    return files


def fonts_id() -> str:
    """Return the content id of the typefaces: 16 hexadecimal digits over the bytes of every file.

    Raises:
        Unavailable: If a typeface is missing.
    """
    total = hashlib.sha256()
    for name, path in font_files().items():
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:16]


def captions() -> list[tuple[int, str, str]]:
    """Return all captions as (digit, style, text); the style is empty if the text does not name it."""
    styles = sorted(set(FACES.values()))
    return [
        (number, style, template.format(digit=digit, style=style))
        for number, digit in enumerate(DIGITS)
        for templates, template_styles in ((PLAIN, ("",)), (STYLED, styles))
        for template in templates
        for style in template_styles
    ]
