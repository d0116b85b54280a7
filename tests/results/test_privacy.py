"""Published texts do not contain the home directory."""

import pytest
from pydantic import BaseModel

from suite.results.privacy import without_home


class Published(BaseModel):
    """A model with nested texts."""

    text: str
    inner: tuple[dict[str, list[str]], ...] = ()


@pytest.mark.parametrize(
    ("text", "replaced"),
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
def test_the_home_directory_is_replaced_by_a_tilde(monkeypatch: pytest.MonkeyPatch, text: str, replaced: str) -> None:
    monkeypatch.setenv("HOME", "/home/marie")
    published = without_home(Published(text=text, inner=({"a": [text, "b"]},)))
    assert published == Published(text=replaced, inner=({"a": [replaced, "b"]},))


def test_a_home_that_is_the_root_directory_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    assert without_home(Published(text="/data/a.png")).text == "/data/a.png"
