"""Payload files: the same bytes every time."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from suite.artifacts.files import checksum, read_json, read_tensors, replace_json, write_json, write_tensors


def test_json_bytes_do_not_depend_on_the_order_of_insertion(tmp_path: Path) -> None:
    write_json(tmp_path / "one", {"a": 1, "b": [1.5, None]})
    write_json(tmp_path / "two", {"b": [1.5, None], "a": 1})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert read_json(tmp_path / "one") == {"a": 1, "b": [1.5, None]}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_refuses_what_is_no_json(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError):
        write_json(tmp_path / "file", {"value": value})


@given(first=arrays(np.float32, (2, 3)), second=arrays(np.uint8, (4,)))
def test_tensors_come_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, first: np.ndarray, second: np.ndarray
) -> None:
    path = tmp_path_factory.mktemp("tensors") / "file.safetensors"
    write_tensors(path, {"b": first, "a": second[::-1]})
    found = read_tensors(path)
    assert found["b"].tobytes() == first.tobytes()
    assert found["a"].tolist() == second[::-1].tolist()


@given(st.permutations(["a", "b", "c"]))
def test_tensor_bytes_do_not_depend_on_the_order_of_insertion(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("tensors")
    write_tensors(folder / "one", {name: np.full(3, ord(name)) for name in "abc"})
    write_tensors(folder / "two", {name: np.full(3, ord(name)) for name in names})
    assert checksum(folder / "one") == checksum(folder / "two")


def test_replacing_leaves_nothing_beside(tmp_path: Path) -> None:
    for value in (1, 2):
        replace_json(tmp_path / "file.json", value)
    assert json.loads((tmp_path / "file.json").read_text()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


def test_a_checksum_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert checksum(tmp_path / "empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
