"""Errors keep their message and attributes when they are pickled between processes."""

import pickle

import pytest

from suite.errors import BadArtifact, BadData, Diverged, SuiteError, Unavailable, UsageError


@pytest.mark.parametrize(
    "error", [UsageError("x"), Unavailable("x"), BadData("x"), Diverged("x"), BadArtifact("k", "x")]
)
def test_errors_survive_pickling(error: SuiteError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), "x")
    assert getattr(again, "key", None) == getattr(error, "key", None)
