"""Decode an image file to uint8 RGB, by the same rules for every dataset.

- Accepted: any size. The first frame of an animation or a multi-page file is used. EXIF orientation is applied.
- Greyscale, black-and-white and palette images keep their colours. CMYK and YCbCr use Pillow's conversion.
- Transparency in any mode is composited on white.
- Of 16 bits per channel the high byte is used. A greyscale file without a value above 255 holds 8-bit values, which are
  used as they are. Refused are files that would become nearly black: greyscale files whose largest value is 256 to 4095
  (10-bit and 12-bit values), and colour files below 4096, of which Pillow returns the high byte only. A PPM file that
  declares another largest value than 65535 is scaled by it. ``ImageFolder`` refuses 16-bit files with 8-bit values
  beside 16-bit files with larger ones.
- Colour profiles and gamma are ignored.
- Refused: floating-point and 32-bit integer pixels, whose range is not defined; Lab; more than ``PIXEL_LIMIT`` pixels;
  truncated or damaged files; every format that is not in ``FORMATS`` (EPS and similar formats can run programs).
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from suite.datasets.naming import escaped
from suite.errors import BadData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF")
PIXEL_LIMIT = 2**26
ORIENTATION = 0x0112
EIGHT_BIT_VALUES = "16-bit file with 8-bit values"
HIGH_BYTE = "16-bit, high byte kept"
NEARLY_BLACK = 2**12  # 16-bit values below this become less than 16 of 255
NOTES = {
    "1": "black and white",
    "L": "greyscale",
    "P": "palette",
    "CMYK": "CMYK",
    "YCbCr": "YCbCr",
    "HSV": "HSV",
}
_OPENING = Lock()  # the filters of warnings are shared by all threads
TRANSPARENT = ("LA", "La", "PA", "RGBA", "RGBa")


def decode(data: bytes, name: str) -> "tuple[NDArray[np.uint8], tuple[str, ...]]":
    """Decode one image file by the rules of this module.

    Args:
        data: The file.
        name: Name of the file for messages.

    Returns:
        The image, uint8 (H, W, 3) RGB, and the conversions that were made.

    Raises:
        BadData: If the file is refused; the message starts with ``name``.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with _OPENING, _bomb_warnings_ignored():
            opened = Image.open(BytesIO(data), formats=FORMATS)
        with opened as image:
            if image.width * image.height > PIXEL_LIMIT:
                raise _bomb(name, f"{image.width}x{image.height} pixels")
            return _convert(image, name)
    except BadData:
        raise
    except Image.DecompressionBombError as error:
        raise _bomb(name, "too many pixels") from error
    except UnidentifiedImageError as error:
        raise BadData(f"{name} is not a readable image ({', '.join(FORMATS)}): remove or replace it") from error
    except Exception as error:  # decoders raise many types of error for a damaged file
        reason = " ".join(escaped(error).split()) or type(error).__name__
        raise BadData(f"{name} is a damaged image ({reason}): remove or replace it") from error


@contextmanager
def _bomb_warnings_ignored() -> Iterator[None]:
    """Silence Pillow's warning about large images, which ``decode`` refuses itself."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def _bomb(name: str, size: str) -> BadData:
    return BadData(f"{name} has {size}, more than the limit of {PIXEL_LIMIT:,}: a decompression bomb? scale it down")


def _convert(image: "Image.Image", name: str) -> "tuple[NDArray[np.uint8], tuple[str, ...]]":
    import numpy as np
    from PIL import Image, ImageOps

    notes = []
    if getattr(image, "is_animated", False):
        notes.append("first of several frames kept")
    grey = image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PPM")
    sixteen_bit = _has_undeclared_range(image)  # read first: loading the pixels empties the description of the encoding
    if image.getexif().get(ORIENTATION, 1) in range(2, 9):
        image = ImageOps.exif_transpose(image)
        notes.append("turned upright by EXIF")
    if grey:
        values, note = _grey_values(np.asarray(image), name if sixteen_bit else "")
        return np.repeat(values[..., np.newaxis], 3, axis=2), (*notes, note)
    if sixteen_bit and np.asarray(image).max() < NEARLY_BLACK >> 8:
        raise _nearly_black(name, f"at most {NEARLY_BLACK - 1}")
    if image.mode in TRANSPARENT or "transparency" in image.info:
        background = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(background, image.convert("RGBA"))
        notes.append("transparency composited on white")
    elif image.mode in NOTES:
        notes.append(NOTES[image.mode])
    elif image.mode != "RGB":
        raise BadData(f"{name} has mode {image.mode}, whose value range is not defined: save it as 8-bit RGB")
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB")), tuple(notes)


def _has_undeclared_range(image: "Image.Image") -> bool:
    """Return whether a file has 16 bits per channel and does not say which of the 65,536 values it uses."""
    if image.mode.startswith("I;16"):
        return True
    for tile in getattr(image, "tile", ()):
        args = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        return ";16" in str(args[0]) or (image.format == "PPM" and args[-1] == 2**16 - 1)
    return False


def _grey_values(pixels: "NDArray[np.integer]", name: str) -> "tuple[NDArray[np.uint8], str]":
    """Return 16-bit greyscale values as 8-bit ones, and the note; ``name`` is empty if the file declares its range."""
    import numpy as np

    largest = int(pixels.max())
    if name and 0 < largest < 2**8:
        return pixels.astype(np.uint8), EIGHT_BIT_VALUES
    if name and 2**8 <= largest < NEARLY_BLACK:
        raise _nearly_black(name, str(largest))
    return (pixels >> 8).astype(np.uint8), HIGH_BYTE if largest else "16-bit, all values 0"


def _nearly_black(name: str, largest: str) -> BadData:
    return BadData(
        f"{name} is a 16-bit file whose largest value is {largest}, so it would become nearly black: save it as 8-bit"
    )
