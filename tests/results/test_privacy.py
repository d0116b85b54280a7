"""What is sent to others does not say whose machine it was."""

import pytest
from pydantic import BaseModel

from suite.results.privacy import without_home


class Published(BaseModel):
    """Texts at every depth."""

    text: str
    inner: tuple[dict[str, list[str]], ...] = ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/marie/data/a.png is torn", "~/data/a.png is torn"),
        ("store /home/marie: it is full", "store ~: it is full"),
        ("/home/marie", "~"),
        ("'/home/marie/x' and /home/marie/y", "'~/x' and ~/y"),
        ("/home/marie2/data, /home/marie-old/data", "/home/marie2/data, /home/marie-old/data"),
        ("/mnt/home/marie/data", "/mnt/home/marie/data"),
        ("nothing", "nothing"),
    ],
)
def test_the_home_directory_is_a_tilde(monkeypatch: pytest.MonkeyPatch, text: str, shown: str) -> None:
    monkeypatch.setenv("HOME", "/home/marie")
    made = without_home(Published(text=text, inner=({"a": [text, "b"]},)))
    assert made == Published(text=shown, inner=({"a": [shown, "b"]},))


def test_a_root_that_is_everyones_home_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    assert without_home(Published(text="/data/a.png")).text == "/data/a.png"
