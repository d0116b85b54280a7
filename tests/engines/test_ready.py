"""What the server has done before a build is forked from it."""

import subprocess
import sys

BUILD = """
import sys
import torch
import suite.engines.ready
from suite.compute import Compute
from suite.engines.build import versions
there = set(sys.modules)
Compute().apply()
versions()
print(sorted(set(sys.modules) - there))
"""


def test_what_every_build_does_first_imports_nothing_more() -> None:
    done = subprocess.run([sys.executable, "-c", BUILD], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
