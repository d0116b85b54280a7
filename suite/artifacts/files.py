"""The file formats of a payload: safetensors, JSON and PNG, each written to the same bytes every time."""

import hashlib
import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def canonical(value: Any) -> bytes:
    """Return a JSON value as the bytes that hashes are taken of; NaN and infinity are refused with ValueError."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(value: Any) -> str:
    """Return the sha256 of a JSON value in hexadecimal, however it was written down."""
    return hashlib.sha256(canonical(value)).hexdigest()


def sealed(value: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON object with the checksum of itself, as ``sha256``."""
    return {**value, "sha256": digest(value)}


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as sorted, indented JSON; NaN and infinity are refused with ValueError."""
    path.write_text(json.dumps(value, sort_keys=True, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read a JSON file; a file that is no JSON raises ValueError."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_tensors(path: Path, tensors: "dict[str, np.ndarray]") -> None:
    """Write named arrays as safetensors, in the order of their names."""
    import numpy as np
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}, path)


def read_tensors(path: Path) -> "dict[str, np.ndarray]":
    """Read a safetensors file as named arrays; a file that is none raises ValueError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except (SafetensorError, KeyError) as error:  # KeyError: of a type that numpy does not have
        raise ValueError(str(error)) from error


def not_a_number(path: Path, *, infinite: bool) -> str | None:
    """Return the name of a safetensors file's first tensor that holds what is no number; None if there is none.

    Args:
        path: The file.
        infinite: Whether infinity passes for a number.
    """
    import numpy as np
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        names: list[str] = sorted(file.keys())
        for name in names:
            if file.get_slice(name).get_dtype() in ("F16", "F32", "F64"):
                values = file.get_tensor(name)
                if (np.isnan(values) if infinite else ~np.isfinite(values)).any():
                    return name
    return None


def replace_json(path: Path, value: Any) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half of either."""
    new = beside(path)
    try:
        write_json(new, value)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Return where to write what is to take the place of ``path`` in one rename: a name that no other process has."""
    return path.with_name(f".{path.name}.{process_name()}")


def process_name() -> str:
    """Return what this process is called among all that share a file system, on this machine and on others."""
    return f"{platform.node()}.{os.getpid()}"


def checksum(path: Path) -> str:
    """Return a file's sha256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
