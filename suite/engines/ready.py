"""Imported last by the server that builds are forked from: what every build needs is done here, once for them all."""

import gc
import sys

import filelock  # noqa: F401
import safetensors.numpy  # noqa: F401

import suite.engines.worker  # noqa: F401
from suite.compute import Compute
from suite.engines.build import versions

versions()
if "torch" in sys.modules:
    Compute().apply()  # torch imports its compiler at the first call, which takes seconds
gc.freeze()  # no build's collector looks at, and so copies, what it shares with the server
