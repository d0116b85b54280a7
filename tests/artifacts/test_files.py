"""File formats of payloads."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from suite.artifacts import files
from suite.artifacts.files import (
    checksum,
    first_non_finite_tensor,
    read_json,
    read_tensors,
    replace_json,
    write_json,
    write_tensors,
)

TORCH_TYPES = ("float64", "float32", "float16", "bfloat16", "float8_e5m2", "float8_e4m3fn")
RAW_TYPES = {  # types that numpy lacks: the largest finite value, NaN, infinity if there is one
    "BF16": (b"\x7f\x7f", b"\xc0\x7f", b"\x80\xff"),
    "F8_E5M2": (b"\x7b", b"\xfd", b"\xfc"),
    "F8_E4M3": (b"\xfe", b"\xff", None),
    "F8_E8M0": (b"\xfe", b"\xff", None),
    "F8_E4M3FNUZ": (b"\x7f", b"\x80", None),
    "F8_E5M2FNUZ": (b"\xff", b"\x80", None),
}


def write_raw(path: Path, dtype: str, values: bytes, width: int) -> None:
    """Write a safetensors file with one tensor ``x`` of a type that numpy may lack."""
    entry = {"dtype": dtype, "shape": [len(values) // width], "data_offsets": [0, len(values)]}
    header = json.dumps({"x": entry}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + values)


def test_json_bytes_do_not_depend_on_the_order_of_insertion(tmp_path: Path) -> None:
    write_json(tmp_path / "one", {"a": 1, "b": [1.5, None]})
    write_json(tmp_path / "two", {"b": [1.5, None], "a": 1})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert read_json(tmp_path / "one") == {"a": 1, "b": [1.5, None]}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_refuses_nan_and_infinity(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError):
        write_json(tmp_path / "file", {"value": value})


@given(first=arrays(np.float32, (2, 3)), second=arrays(np.uint8, (4,)))
def test_tensors_are_read_bit_for_bit_as_written(
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


def test_replacing_a_file_leaves_no_temporary_file(tmp_path: Path) -> None:
    for value in (1, 2):
        replace_json(tmp_path / "file.json", value)
    assert json.loads((tmp_path / "file.json").read_text()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


def test_a_checksum_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert checksum(tmp_path / "empty") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("dtype", TORCH_TYPES)
def test_nan_and_infinity_are_found_in_every_type_of_torch(tmp_path: Path, dtype: str) -> None:
    import torch
    from safetensors.torch import save_file

    path, number = tmp_path / "file.safetensors", getattr(torch, dtype)
    finite = torch.tensor([[0.0, -0.0], [1.5, -2.0]]).to(number)
    limits = torch.finfo(number)
    extreme = torch.tensor([limits.max, limits.min, limits.tiny], dtype=torch.float64).to(number)
    nan = finite.float().index_fill(1, torch.tensor([1]), float("nan")).to(number)
    assert torch.isnan(nan.float()).any()
    save_file({"a": finite, "b": extreme, "empty": finite[:0], "z": torch.tensor([255], dtype=torch.uint8)}, path)
    assert first_non_finite_tensor(path, allow_infinity=False) is None
    save_file({"a": finite, "b": nan, "c": nan.clone()}, path)
    assert first_non_finite_tensor(path, allow_infinity=False) == "b"
    assert first_non_finite_tensor(path, allow_infinity=True) == "b"
    infinite = torch.tensor([1.0, float("-inf")]).to(number)
    if torch.isinf(infinite.float()).any():
        save_file({"a": finite, "b": infinite}, path)
        assert first_non_finite_tensor(path, allow_infinity=False) == "b"
        assert first_non_finite_tensor(path, allow_infinity=True) is None


@pytest.mark.parametrize("dtype", RAW_TYPES)
def test_nan_is_found_in_types_that_numpy_lacks(tmp_path: Path, dtype: str) -> None:
    path, (largest, nan, infinity) = tmp_path / "file.safetensors", RAW_TYPES[dtype]
    write_raw(path, dtype, largest * 3, len(largest))
    assert first_non_finite_tensor(path, allow_infinity=False) is None
    write_raw(path, dtype, largest * 2 + nan, len(nan))
    assert first_non_finite_tensor(path, allow_infinity=True) == "x"
    if infinity is not None:
        write_raw(path, dtype, largest * 2 + infinity, len(infinity))
        assert first_non_finite_tensor(path, allow_infinity=True) is None
        assert first_non_finite_tensor(path, allow_infinity=False) == "x"


def test_nan_is_found_in_either_part_of_a_complex_number(tmp_path: Path) -> None:
    path = tmp_path / "file.safetensors"
    for value, expected in ((1 + 2j, None), (complex(1, np.nan), "x"), (complex(np.nan, 1), "x")):
        write_tensors(path, {"x": np.array([0, value], np.complex64)})
        assert first_non_finite_tensor(path, allow_infinity=False) == expected


def test_integers_are_always_finite(tmp_path: Path) -> None:
    path = tmp_path / "file.safetensors"
    write_tensors(path, {"x": np.full(3, -1, np.int64), "y": np.full(3, 255, np.uint8), "z": np.ones(2, bool)})
    assert first_non_finite_tensor(path, allow_infinity=False) is None


def test_an_unknown_type_is_not_taken_for_finite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.safetensors"
    write_tensors(path, {"x": np.zeros(2, np.float16)})
    monkeypatch.delitem(files.FLOAT_FORMATS, "F16")
    with pytest.raises(ValueError, match=r"file\.safetensors: tensor x has the unknown type F16"):
        first_non_finite_tensor(path, allow_infinity=False)
