"""Nothing loaded may run code, nothing is fetched unpinned, nothing is extracted: a walk through the suite's own code.

Processes of one run talk to each other by pickles that Python and Ray make. None is read from a file or a download, but
for two published files whose checksums are pinned: torchvision reads CIFAR-10's batches, torch-fidelity CLIP's
TorchScript.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted([*(ROOT / "suite").rglob("*.py"), *(ROOT / "cases").rglob("*.py"), ROOT / "conftest.py"])
# Between a test of a contract and the process that it starts itself.
OWN_CHILDREN = {("suite/testing/checks.py", "import of pickle")}

FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml", "tarfile"}
FORBIDDEN_CALLS = {
    "eval": "runs text",
    "exec": "runs text",
    "hub.load": "runs a repository's code",
    "hub.load_state_dict_from_url": "unpickles",
    ".extract": "extracts",
    ".extractall": "extracts",
    "unpack_archive": "extracts",
    "snapshot_download": "fetches without a pin",
    "read_pickle": "unpickles",
    "os.system": "runs a shell",
}
WANTED = {  # call: what it must be told
    "torch.load": {"weights_only": "True"},
    "from_pretrained": {"use_safetensors": "True", "local_files_only": "True"},
    "DiffusionPipeline.download": {"use_safetensors": "True", "revision": None},
    "hf_hub_download": {"revision": None},
    "try_to_load_from_cache": {"revision": None},
    "download_url_to_file": {"hash_prefix": None},
    "create_model": {"pretrained": "False"},
}
FORBIDDEN_ARGUMENTS = {"trust_remote_code": "True", "allow_pickle": "True", "custom_pipeline": None, "shell": "True"}


def dangers(tree: ast.AST) -> Iterator[str]:
    """Yield what code does that could run, fetch or write what nobody chose."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            names = []
        yield from (f"import of {name}" for name in names if name.split(".")[0] in FORBIDDEN_MODULES)
        if isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    told = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    for call, why in FORBIDDEN_CALLS.items():
        if _is(name, call):
            yield f"{name} {why}"
    for call, wanted in WANTED.items():
        if _is(name, call):
            for argument, value in wanted.items():
                if argument not in told or value not in (None, told[argument]):
                    yield f"{name} without {argument}{f'={value}' if value else ''}"
    for argument, value in FORBIDDEN_ARGUMENTS.items():
        if argument in told and value in (None, told[argument]):
            yield f"{name} with {argument}={told[argument]}"


def _is(name: str, call: str) -> bool:
    """Return whether a dotted name is a call; a builtin is nobody's method, and a method is no function."""
    if call in ("eval", "exec"):
        return name == call
    return name == call or name.endswith(call if call.startswith(".") else f".{call}")


def test_the_suites_code_does_none_of_it() -> None:
    assert len(CODE) > 100
    found = {
        (path.relative_to(ROOT).as_posix(), danger)
        for path in CODE
        for danger in dangers(ast.parse(path.read_text("utf-8")))
    }
    assert found == OWN_CHILDREN


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "import yaml",
        "import xml, shelve",
        "eval('1')",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.hub.load('owner/name', 'model')",
        "AutoModel.from_pretrained('owner/name')",
        "AutoModel.from_pretrained('a/b', use_safetensors=True, local_files_only=True, trust_remote_code=True)",
        "DiffusionPipeline.download('a/b', use_safetensors=True)",
        "hf_hub_download('a/b', 'model.safetensors')",
        "timm.create_model('resnet18', pretrained=True)",
        "np.load(path, allow_pickle=True)",
        "zipfile.ZipFile(path).extractall(folder)",
        "shutil.unpack_archive(path)",
        "download_url_to_file(url, path)",
        "subprocess.run(line, shell=True)",
    ],
)
def test_the_walk_sees_it(code: str) -> None:
    assert list(dangers(ast.parse(code)))


def test_the_walk_lets_pass_what_is_safe() -> None:
    safe = "torch.load(path, map_location='cpu', weights_only=True)\nmodel.eval()\nre.compile('a')\nnp.load(path)\n"
    assert list(dangers(ast.parse(safe))) == []
