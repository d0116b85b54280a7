"""Exit codes, and counts and sizes as text, shared by all commands."""

from pathlib import Path

# Exit codes: nothing wrong; a check, a verdict of --fail-on or a failed case; nothing could be done; Ctrl-C.
OK, PROBLEMS, USAGE_ERROR, INTERRUPTED = 0, 1, 2, 130


def artifact_count(number: int) -> str:
    """Format a number of artifacts: ``1 artifact``, ``2 artifacts``."""
    return f"{number} artifact" if number == 1 else f"{number} artifacts"


def format_bytes(number: int) -> str:
    """Format a number of bytes in decimal units, for example ``5.0 kB``."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"


def disk_usage(path: Path) -> int:
    """Return the size in bytes of a file, or of all files below a directory."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())
