import json
import subprocess
import sys

import pytest

from suite.generators.generator import generators


def test_planning_needs_no_heavy_library() -> None:
    code = (
        "import json, sys; from suite.generators.generator import generators;"
        "print(json.dumps([list(generators), list(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names, modules = json.loads(done.stdout)
    assert {"biggan", "cd"} <= set(names)
    assert not {"torch", "numpy", "diffusers", "scipy", "PIL"} & set(modules)


@pytest.mark.parametrize("name", ["biggan", "cd"])
def test_the_generators_trained_here_have_seen_this_train_split_alone(name: str) -> None:
    assert generators.get(name).saw == "this train split"
    assert generators.is_built_in(name)
