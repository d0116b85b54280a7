"""Contracts notice: each promise is broken in a plugin that keeps it, and the test that states it has to fail."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import suite.testing

ROOT = Path(__file__).parents[2]
EXAMPLES, SUITE = ROOT / "docs" / "examples", ROOT / "suite"
IMPORTS = "from suite.artifacts import"  # a line of every plugin, before which something heavy can be imported
HEAVY = "import numpy\n\n"
DRAWN = "__import__('numpy').random.rand(),"
CHANGED = "(lambda *given, **more: comparison.against(*given, **more).model_copy(update={}))("

SAW = "    @property\n    def saw"
OPENED = "    def open(self, store):\n        import numpy as np\n\n        return self.images.open(store).{}\n\n"

# Contract: the module that keeps it, the class, the body of the test class, and (promise, what is replaced, by what).
Mutants = tuple[tuple[str, str, str], ...]
PLUGINS: dict[str, tuple[Path, str, str, Mutants]] = {
    "GeneratorContract": (
        EXAMPLES / "gaussian.py",
        "Gaussian",
        "",
        (
            ("says_what_it_is", 'name = "gaussian"', 'name = "gaussian.mix"'),
            ("says_what_it_is", '"this train split"', '"my own images"'),
            ("says_in_one_line", 'title = "Gaussian of each class"', 'title = ""'),
            ("settings_that", "    components: A", '    model_config = {"extra": "ignore"}\n    components: A'),
            ("planning_is_light", IMPORTS, HEAVY + IMPORTS),
            ("planning_is_pure", "seed=request.seed", "seed=0"),
            ("steps_have_names", '"gaussian-samples"', '"first-per-class"'),
            ("only_the_given_real", "real=request.real,", 'real=request.real.model_copy(update={"part": "all"}),'),
            ("only_the_given_real", '"this train split"', '"unknown"'),
            ("counts_are_exact", "labels.append(label)", "labels.insert(0, label)"),
            ("counts_are_exact", "return self.per_class", "return self.per_class[::-1]"),
            ("images_are_bytes", "self.size, 3))", "self.size, 3)[:4])"),
            ("images_are_bytes", 'model["means"][label] + weights', 'model["means"][0] + 0 * weights'),
            ("same_key_same_bytes", "draw = numpy_generator(", "draw = np.random or ("),
            ("another_seed", 'numpy_generator(self.seed, f"', 'numpy_generator(0, f"'),
            ("a_larger_set", 'f"image of class {label}", number', 'f"one of {sum(self.per_class)}", len(images)'),
            (
                "an_interrupted_build",
                "self.spread * ",
                "len([(context.scratch / str(number)).touch(), *context.scratch.iterdir()]) * ",
            ),
        ),
    ),
    "DatasetContract": (
        EXAMPLES / "pneumoniamnist.py",
        "PneumoniaMnist",
        "    data_paths = test_pneumoniamnist.TestPneumoniaMnist.data_paths\n",
        (
            ("the_card", 'licence="CC BY 4.0"', 'licence=""'),
            ("the_card", "a child, {}", "a child"),
            ("the_name", "name=NAME", 'name="organs"'),
            ("classes_are_distinct", "classes=NpzSource.classes", 'classes=("normal", "normal")'),
            ("planning_is_light", IMPORTS, HEAVY + IMPORTS),
            ("missing_files", "raise missing(self.card)", 'raise type(missing(self.card))("gone")'),
            ("files_that_do_not_change", 'f"{NAME} {', 'f"{id(self)} {'),
            ("images_are_bytes", "3, axis=2)", "3, axis=2) / 255"),
            ("images_are_bytes", "int(label[0])", "int(label[0]) - 1"),
            ("images_are_bytes", "return sum(", "return 1 + sum("),
            ("every_class", "int(label[0])", 'int(label[0]) * (split == "train")'),
            ("reading_again", "3, axis=2)", "3, axis=2) ^ np.random.randint(255, dtype=np.uint8)"),
            ("same_key_same_bytes", "3, axis=2)", "3, axis=2) ^ np.random.randint(255, dtype=np.uint8)"),
        ),
    ),
    "FilterContract": (
        EXAMPLES / "contrast.py",
        "Contrast",
        "",
        (
            ("says_what_it_is", 'NAME = "contrast"', 'NAME = "contrast-mix"'),
            ("settings_that", "    quantile: A", '    model_config = {"extra": "ignore"}\n    quantile: A'),
            ("planning_is_light", IMPORTS, HEAVY + IMPORTS),
            ("planning_is_pure", "images=candidates.images", "images=candidates.real"),
            ("steps_have_names", '"filter-contrast"', '"first-per-class"'),
            ("what_it_has_seen", 'return ("real images",)', "return ()"),
            ("only_the_given", "real=candidates.real", 'real=candidates.real.model_copy(update={"part": "all"})'),
            ("what_is_kept", SAW, OPENED.format("take(np.arange(3)[::-1])") + SAW),
            ("counts_are_told", SAW, OPENED.format("take(np.arange(0))") + SAW),
            ("same_key_same_bytes", "usual: NDArray", "usual = np.random.random(len(own)) < 0.8  #"),
        ),
    ),
    "MetricContract": (
        EXAMPLES / "label_agreement.py",
        "LabelAgreement",
        "",
        (
            ("says_what_it_is", '"Agreement of labels with the nearest real image"', '""'),
            ("planning_is_light", "from collections", HEAVY + "from collections"),
            ("a_number_says", "comparison.against(", CHANGED.format('{"id": "label-agreement"}')),
            ("a_number_says", "comparison.against(", CHANGED.format('{"name": "Labels agree"}')),
            ("only_literatures", '            "label-agreement",\n', '            "fid",\n'),
            ("the_synthetic_set", "comparison.against(", CHANGED.format('{"n": len(comparison.reference)}')),
            ("numbers_lie", "float(agrees.mean()),", "100 * float(agrees.mean()),"),
            ("numbers_lie", "for label in classes", "for label in (*classes, 3)"),
            ("the_same_again", "float(agrees.mean()),", DRAWN),
            (
                "what_it_looks_at",
                "wanted = comparison.synthetic.labels",
                "wanted = comparison.synthetic.labels\n        wanted[:] = 0",
            ),
            ("a_few_images", " if label in wanted else None", ""),
            ("same_key_same_bytes", "float(agrees.mean()),", DRAWN),
        ),
    ),
    "ExtractorContract": (
        SUITE / "metrics" / "extractors" / "pixels.py",
        "Pixels",
        "    side = 32\n",
        (
            ("says_what_it_is", 'weights = "none"', 'weights = "of: none"'),
            ("planning_is_light", IMPORTS, HEAVY + IMPORTS),
            ("missing_weights", '"""Nothing can be missing."""', "data_paths.cache.mkdir()"),
            ("features_and_logits", "classes = 0", "classes = 10"),
            ("what_it_says", "Flat(side).to(device)", "lambda images: [x - x.mean(0) for x in Flat(side)(images)]"),
        ),
    ),
    "NetworkContract": (
        SUITE / "classifiers" / "networks" / "resnet18.py",
        "ResNet18",
        '    settings = {"width": 8}\n',
        (
            ("planning_is_light", "from suite.classifiers.network ", HEAVY + "from suite.classifiers.network "),
            ("images_of_any_size", "nn.Linear(channels, classes)", "nn.Linear(channels, 5)"),
            ("images_of_any_size", "nn.AdaptiveAvgPool2d(1)", "nn.AvgPool2d(1)"),
            ("weights_come_from", "layers = _stem", "nn.init.torch.manual_seed(0)\n        layers = _stem"),
            (
                "every_weight",
                "nn.Linear(channels, classes)",
                "nn.Linear(channels, classes).requires_grad_(False)",
            ),
        ),
    ),
}


def promises(contract: str) -> list[str]:
    """Return the names of a contract's tests."""
    return [name for name in dir(getattr(suite.testing, contract)) if name.startswith("test_")]


def write(folder: Path, number: int, contract: str, promise: str, source: str) -> str:
    """Write a plugin and its contract, and return the test of one promise."""
    _, plugin, body, _ = PLUGINS[contract]
    own_steps = re.sub(r'"(gaussian|filter)-(\w+)"', rf'"\1-\2-{number}"', source)
    (folder / f"plugin_{number}.py").write_text(own_steps, encoding="utf-8")
    test = folder / f"test_{number}.py"
    test.write_text(
        f"import test_pneumoniamnist\nfrom plugin_{number} import {plugin}\nfrom suite.testing import {contract}\n\n\n"
        f"class TestIt({contract}):\n    plugin = {plugin}\n{body}",
        encoding="utf-8",
    )
    (name,) = (name for name in promises(contract) if name.startswith(f"test_{promise}"))
    return f"{test.name}::TestIt::{name}"


@pytest.mark.thorough
def test_every_promise_can_be_broken(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}:{EXAMPLES}", prepend=":")
    wanted: list[str] = []
    mutants: dict[str, str] = {}
    for contract, (module, _, _, changes) in PLUGINS.items():
        source = re.sub(r"^@\w+\.register\n", "", module.read_text("utf-8"), flags=re.M)
        for promise, old, new in changes:
            assert old in source, old
            number = len(mutants)
            wanted.append(write(pytester.path, number, contract, promise, source.replace(old, new, 1)))
            mutants[f"test_{number}"] = f"{contract}, {promise}: {new!r}"
    pytester.runpytest_subprocess(*wanted, "--junitxml=found.xml", "-q", "--tb=short")
    passed, failed = set(), set()
    for case in ElementTree.parse(pytester.path / "found.xml").iter("testcase"):
        (failed if len(case) else passed).add(case.get("classname", "").split(".")[0])
    assert passed | failed == set(mutants), "every one was tried"
    assert [mutants[name] for name in sorted(passed)] == []


def test_every_promise_is_tried() -> None:
    assert set(PLUGINS) == set(suite.testing.__all__)
    for contract, (_, _, _, changes) in PLUGINS.items():
        tried = {name for name in promises(contract) for promise, _, _ in changes if name.startswith(f"test_{promise}")}
        assert tried == set(promises(contract)), contract
