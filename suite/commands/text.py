"""What the commands have in common: exit codes, and numbers in words."""

HEALTHY, UNSOUND, USAGE = 0, 1, 2


def counted(number: int) -> str:
    """Return so many artifacts in words."""
    return f"{number} artifact" if number == 1 else f"{number} artifacts"


def sized(number: int) -> str:
    """Return so many bytes in words."""
    amount = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
