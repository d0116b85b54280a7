"""File formats of a payload: safetensors, JSON and PNG, written to the same bytes each time."""

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

# Floating-point formats of safetensors: an integer type of the same width, and the bits of the value (without the
# sign, unless the format has none) above which a value is NaN. In formats with infinity that is its bit pattern; the
# formats in NO_INFINITY have only NaN. See IEEE 754 for F16, F32 and F64, and "OCP 8-bit Floating Point Specification"
# (2023) for F8_E4M3 and F8_E5M2.
FLOAT_FORMATS = {
    "F64": ("<u8", 0x7FFF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0000),
    "F32": ("<u4", 0x7FFF_FFFF, 0x7F80_0000),
    "C64": ("<u4", 0x7FFF_FFFF, 0x7F80_0000),
    "F16": ("<u2", 0x7FFF, 0x7C00),
    "BF16": ("<u2", 0x7FFF, 0x7F80),
    "F8_E5M2": ("u1", 0x7F, 0x7C),
    "F8_E4M3": ("u1", 0x7F, 0x7E),
    "F8_E8M0": ("u1", 0xFF, 0xFE),
}
NO_INFINITY = ("F8_E4M3", "F8_E8M0")
NEGATIVE_ZERO_IS_NAN = ("F8_E4M3FNUZ", "F8_E5M2FNUZ")  # neither infinity nor a negative zero: 0x80 is the only NaN
ALWAYS_FINITE = ("BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F4", "F6_E2M3", "F6_E3M2")


def canonical_json(value: Any) -> bytes:
    """Return a JSON value as bytes that are equal for equal values; raise ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: Any) -> str:
    """Return the hexadecimal sha256 of a JSON value; the order of its keys does not matter."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def sealed(value: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with its own checksum added as ``sha256``."""
    return {**value, "sha256": digest(value)}


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as sorted, indented JSON; raise ValueError for NaN and infinity."""
    path.write_text(json.dumps(value, sort_keys=True, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; raise ValueError if it is not JSON."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_tensors(path: Path, tensors: "dict[str, np.ndarray]") -> None:
    """Write named arrays as safetensors, in the order of their names."""
    import numpy as np
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}, path)


def read_tensors(path: Path) -> "dict[str, np.ndarray]":
    """Read a safetensors file as named arrays; raise ValueError if it is not one or has a type that numpy lacks."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except (SafetensorError, KeyError) as error:  # KeyError: a type that numpy lacks
        raise ValueError(str(error)) from error


def first_non_finite_tensor(path: Path, *, allow_infinity: bool) -> str | None:
    """Return the name of the first tensor of a safetensors file with a value that is not finite.

    Values are compared as integers, so that formats without a numpy type are checked too: all floating-point types of
    safetensors, bfloat16 and FP8 among them, and complex64.

    Args:
        path: The file.
        allow_infinity: Whether only NaN counts.

    Returns:
        The name, or None if all values are finite.

    Raises:
        ValueError: If a tensor has a type that is not known here.
    """
    import numpy as np
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:  # validates the header
        names: list[str] = sorted(file.keys())
    header, data_start = _header(path)
    for name in names:
        dtype, (start, end) = header[name]["dtype"], header[name]["data_offsets"]
        if dtype in ALWAYS_FINITE or start == end:
            continue
        if dtype in NEGATIVE_ZERO_IS_NAN:
            found = (np.memmap(path, "u1", "r", data_start + start, (end - start,)) == 0x80).any()
        elif dtype in FLOAT_FORMATS:
            integer, mask, largest = FLOAT_FORMATS[dtype]
            size = np.dtype(integer).itemsize
            bits = np.memmap(path, integer, "r", data_start + start, ((end - start) // size,))
            if not allow_infinity and dtype not in NO_INFINITY:
                largest -= 1
            found = int((bits & bits.dtype.type(mask)).max()) > largest
        else:
            raise ValueError(f"{path}: tensor {name} has the unknown type {dtype}")
        if found:
            return name
    return None


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """Return the JSON header of a safetensors file and the offset of the data: 8 bytes of length, then the header."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(length)), 8 + length


def replace_json(path: Path, value: Any) -> None:
    """Write JSON by a rename, so that readers see either the complete old or the complete new file."""
    new = temporary_path(path)
    try:
        write_json(new, value)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def temporary_path(path: Path) -> Path:
    """Return a path in the same directory, unique to this process, from which ``path`` can be replaced by a rename."""
    return path.with_name(f".{path.name}.{process_name()}")


def process_name() -> str:
    """Return a name of this process that is unique among all machines that share a file system."""
    return f"{platform.node()}.{os.getpid()}"


def checksum(path: Path) -> str:
    """Return the hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
