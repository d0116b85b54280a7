"""Static checks of the suite's code: no loader that can run code, no unpinned download, no extraction of archives.

The processes of one run exchange pickles, which Python and Ray create. No pickle is read from a file or a download,
with two exceptions whose checksums are pinned: torchvision reads the batches of CIFAR-10, torch-fidelity the
TorchScript file of CLIP.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted([*(ROOT / "suite").rglob("*.py"), *(ROOT / "cases").rglob("*.py"), ROOT / "conftest.py"])
# A contract test exchanges pickles with a process that it starts itself.
ALLOWED = {
    ("suite/testing/checks.py", "import of pickle"),
    # Weights of timm are loaded with weights_only, and only with --download; a name with a tag pins them.
    ("suite/classifiers/pretrained.py", "timm.create_model without pretrained=False"),
}

FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml", "tarfile"}
FORBIDDEN_CALLS = {
    "eval": "runs text as code",
    "exec": "runs text as code",
    "hub.load": "runs the code of a repository",
    "hub.load_state_dict_from_url": "loads a pickle",
    ".extract": "extracts an archive",
    ".extractall": "extracts an archive",
    "unpack_archive": "extracts an archive",
    "snapshot_download": "downloads without a pinned revision",
    "read_pickle": "loads a pickle",
    "os.system": "runs a shell",
}
REQUIRED_ARGUMENTS = {  # call: arguments and their values; None is any value
    "torch.load": {"weights_only": "True"},
    "from_pretrained": {"use_safetensors": "True", "local_files_only": "True"},
    "DiffusionPipeline.download": {"use_safetensors": "True", "revision": None},
    "hf_hub_download": {"revision": None},
    "try_to_load_from_cache": {"revision": None},
    "download_url_to_file": {"hash_prefix": None},
    "create_model": {"pretrained": "False"},
}
FORBIDDEN_ARGUMENTS = {"trust_remote_code": "True", "allow_pickle": "True", "custom_pipeline": None, "shell": "True"}


def unsafe_code(tree: ast.AST) -> Iterator[str]:
    """Yield a message for every import and call that could run foreign code, download unpinned files or extract them.

    Args:
        tree: Syntax tree of a module.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            modules = []
        yield from (f"import of {name}" for name in modules if name.split(".")[0] in FORBIDDEN_MODULES)
        if isinstance(node, ast.Call):
            yield from _unsafe_call(node)


def _unsafe_call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    arguments = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    for call, reason in FORBIDDEN_CALLS.items():
        if _matches(name, call):
            yield f"{name} {reason}"
    for call, required in REQUIRED_ARGUMENTS.items():
        if _matches(name, call):
            for argument, value in required.items():
                if argument not in arguments or value not in (None, arguments[argument]):
                    yield f"{name} without {argument}{f'={value}' if value else ''}"
    for argument, value in FORBIDDEN_ARGUMENTS.items():
        if argument in arguments and value in (None, arguments[argument]):
            yield f"{name} with {argument}={arguments[argument]}"


def _matches(name: str, call: str) -> bool:
    """Return whether a dotted name is the call.

    ``eval`` and ``exec`` are the builtins only, not methods such as ``model.eval``. A call with a leading dot is a
    method only, not a function.
    """
    if call in ("eval", "exec"):
        return name == call
    return name == call or name.endswith(call if call.startswith(".") else f".{call}")


def test_the_suite_has_no_unsafe_code() -> None:
    assert len(CODE) > 100
    found = {
        (path.relative_to(ROOT).as_posix(), message)
        for path in CODE
        for message in unsafe_code(ast.parse(path.read_text("utf-8")))
    }
    assert found == ALLOWED


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
def test_unsafe_code_is_found(code: str) -> None:
    assert list(unsafe_code(ast.parse(code)))


def test_safe_code_is_accepted() -> None:
    safe = "torch.load(path, map_location='cpu', weights_only=True)\nmodel.eval()\nre.compile('a')\nnp.load(path)\n"
    assert list(unsafe_code(ast.parse(safe))) == []
