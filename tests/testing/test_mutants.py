"""Mutation tests of the contracts: each contract test must fail for a plugin that violates it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import suite.testing

ROOT = Path(__file__).parents[2]
EXAMPLES, SUITE = ROOT / "docs" / "examples", ROOT / "suite"
IMPORTS = "from suite.artifacts import"  # every plugin has this line; a heavy import is inserted before it
HEAVY_IMPORT = "import numpy\n\n"
RANDOM_VALUE = "__import__('numpy').random.rand(),"
CHANGED_RESULT = "(lambda *args, **kwargs: comparison.measurement(*args, **kwargs).model_copy(update={}))("

USES = "    @property\n    def uses"
OPEN_METHOD = "    def open(self, store):\n        import numpy as np\n\n        return self.images.open(store).{}\n\n"

# For each contract: the module of a plugin that passes it, the class, the body of the test class, and the mutations
# (start of the name of the test that must fail, source text, its replacement).
Mutations = tuple[tuple[str, str, str], ...]
TRAINED_WITH_SEED_0 = """    def train(self, training_set, settings, **fields):
        return super().train(training_set, settings, **{**fields, "seed": 0})

"""
UNRECORDED = """
            def build(self, context):
                super().build(context)
                context.write_json("history.json", {"steps": 0, "images_seen": 0, "parameters": 0})
"""
TRAINED_BY = """    def train(self, training_set, settings, **fields):
        from suite.classifiers.network import TrainedNetwork

        class Other(TrainedNetwork):
            step = "{}"
            {}

        trained = super().train(training_set, settings, **fields)
        return Other(**{{name: getattr(trained, name) for name in type(trained).model_fields}})

"""
PLUGINS: dict[str, tuple[Path, str, str, Mutations]] = {
    "GeneratorContract": (
        EXAMPLES / "gaussian.py",
        "Gaussian",
        "",
        (
            ("name_title", 'name = "gaussian"', 'name = "gaussian.mix"'),
            ("name_title", '"this train split"', '"my own images"'),
            ("description", 'title = "Gaussian of each class"', 'title = ""'),
            ("unknown_settings", "    components: A", '    model_config = {"extra": "ignore"}\n    components: A'),
            ("planning_imports", IMPORTS, HEAVY_IMPORT + IMPORTS),
            ("keys_depend", "seed=request.seed", "seed=0"),
            ("step_names", '"gaussian-samples"', '"first-per-class"'),
            ("only_the_given_real", "real=request.real,", 'real=request.real.model_copy(update={"part": "all"}),'),
            ("only_the_given_real", '"this train split"', '"unknown"'),
            ("counts_are_exact", "labels.append(label)", "labels.insert(0, label)"),
            ("counts_are_exact", "return self.per_class", "return self.per_class[::-1]"),
            ("images_are_uint8", "self.size, 3))", "self.size, 3)[:4])"),
            ("images_are_uint8", 'model["means"][label] + weights', 'model["means"][0] + 0 * weights'),
            ("same_key_same_bytes", "random = numpy_generator(", "random = np.random or ("),
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
            ("card_is_complete", 'licence="CC BY 4.0"', 'licence=""'),
            ("card_is_complete", "a child, {}", "a child"),
            ("name_is_valid", "name=NAME", 'name="organs"'),
            ("classes_are_distinct", "classes=NpzSource.classes", 'classes=("normal", "normal")'),
            ("planning_imports", IMPORTS, HEAVY_IMPORT + IMPORTS),
            ("missing_files", "raise unavailable(self.card)", 'raise type(unavailable(self.card))("gone")'),
            ("unchanged_files", 'f"{NAME} {', 'f"{id(self)} {'),
            ("images_are_uint8", "3, axis=2)", "3, axis=2) / 255"),
            ("images_are_uint8", "int(label[0])", "int(label[0]) - 1"),
            ("images_are_uint8", "return sum(", "return 1 + sum("),
            ("every_class", "int(label[0])", 'int(label[0]) * (split == "train")'),
            ("reading_twice", "3, axis=2)", "3, axis=2) ^ np.random.randint(255, dtype=np.uint8)"),
            ("same_key_same_bytes", "3, axis=2)", "3, axis=2) ^ np.random.randint(255, dtype=np.uint8)"),
        ),
    ),
    "FilterContract": (
        EXAMPLES / "contrast.py",
        "Contrast",
        "",
        (
            ("name_title", 'NAME = "contrast"', 'NAME = "contrast-mix"'),
            ("unknown_settings", "    quantile: A", '    model_config = {"extra": "ignore"}\n    quantile: A'),
            ("planning_imports", IMPORTS, HEAVY_IMPORT + IMPORTS),
            ("keys_depend", "images=candidates.images", "images=candidates.real"),
            ("step_names", '"filter-contrast"', '"first-per-class"'),
            ("uses_lists", 'return ("real images",)', "return ()"),
            ("only_the_given", "real=candidates.real", 'real=candidates.real.model_copy(update={"part": "all"})'),
            ("kept_images", USES, OPEN_METHOD.format("take(np.arange(3)[::-1])") + USES),
            ("counts_before_and_after", USES, OPEN_METHOD.format("take(np.arange(0))") + USES),
            ("same_key_same_bytes", "usual: NDArray", "usual = np.random.random(len(contrast)) < 0.8  #"),
        ),
    ),
    "MetricContract": (
        EXAMPLES / "label_agreement.py",
        "LabelAgreement",
        "",
        (
            ("name_title", '"Label agreement with the nearest real image"', '""'),
            ("planning_imports", "from collections", HEAVY_IMPORT + "from collections"),
            ("ids_and_names", "comparison.measurement(", CHANGED_RESULT.format('{"id": "label-agreement"}')),
            ("ids_and_names", "comparison.measurement(", CHANGED_RESULT.format('{"name": "Labels agree"}')),
            ("fid_only", '            "label-agreement",\n', '            "fid",\n'),
            ("the_synthetic_set", "comparison.measurement(", CHANGED_RESULT.format('{"n": len(comparison.reference)}')),
            ("values_are_within", "float(agrees.mean()),", "100 * float(agrees.mean()),"),
            ("values_are_within", "for label in classes", "for label in (*classes, 3)"),
            ("repeating", "float(agrees.mean()),", RANDOM_VALUE),
            (
                "inputs_are_not",
                "labels = comparison.synthetic.labels",
                "labels = comparison.synthetic.labels\n        labels[:] = 0",
            ),
            ("few_images", " if label in labels else None", ""),
            ("same_key_same_bytes", "float(agrees.mean()),", RANDOM_VALUE),
        ),
    ),
    "ExtractorContract": (
        SUITE / "metrics" / "extractors" / "pixels.py",
        "Pixels",
        "    side = 32\n",
        (
            ("name_weights", 'weights = "none"', 'weights = "of: none"'),
            ("planning_imports", IMPORTS, HEAVY_IMPORT + IMPORTS),
            ("missing_weights", '"""Do nothing: there are no weights."""', "data_paths.cache.mkdir()"),
            ("shapes_of", "classes = 0", "classes = 10"),
            (
                "features_do_not",
                "FlattenedPixels(side).to(device)",
                "lambda images: [x - x.mean(0) for x in FlattenedPixels(side)(images)]",
            ),
        ),
    ),
    "ClassifierContract": (
        EXAMPLES / "small_cnn.py",
        "SmallCnn",
        '    settings = {"epochs": 20, "batch_size": 22, "augmentation": ()}\n',
        (
            ("name_and_title", 'title = "Small CNN"', 'title = ""'),
            ("unknown_settings", "settings = SmallCnnSettings", "settings = dict"),
            ("planning_imports", "from suite.classifiers.network ", HEAVY_IMPORT + "from suite.classifiers.network "),
            ("predictions_are", "nn.Linear(8 * channels, classes)", "nn.Linear(8 * channels, 5)"),
            ("it_learns", "nn.AdaptiveAvgPool2d(2)", "nn.AdaptiveAvgPool2d(2), nn.Threshold(1e9, 0.0)"),
            ("same_key", "nn.ReLU()", "nn.Dropout(0.5)"),
            ("resumed", "nn.ReLU()", "nn.Dropout(0.5)"),
            ("seeds_change", 'title = "Small CNN"', 'title = "Small CNN"\n    has_seeds = False'),
            ("keys_depend", "    def make(self", TRAINED_WITH_SEED_0 + "    def make(self"),
            ("step_names", "    def make(self", TRAINED_BY.format("mixture", "pass") + "    def make(self"),
            ("training_is", "    def make(self", TRAINED_BY.format("other", UNRECORDED) + "    def make(self"),
        ),
    ),
}


def contract_tests(contract: str) -> list[str]:
    """Return the names of a contract's tests."""
    return [name for name in dir(getattr(suite.testing, contract)) if name.startswith("test_")]


def source_of(module: Path) -> str:
    """Return the source of a plugin without its registration, so that a mutated copy can be imported beside it."""
    return re.sub(r"^@\w+\.register\n", "", module.read_text("utf-8"), flags=re.M)


def write_mutant(folder: Path, number: int, contract: str, prefix: str, source: str) -> str:
    """Write a mutated plugin and a test class for it, and return the id of the test that must fail."""
    _, plugin, body, _ = PLUGINS[contract]
    source = re.sub(r'"(gaussian|filter)-(\w+)"', rf'"\1-\2-{number}"', source)  # step names must be unique
    (folder / f"plugin_{number}.py").write_text(source, encoding="utf-8")
    test = folder / f"test_{number}.py"
    test.write_text(
        f"import test_pneumoniamnist\nfrom plugin_{number} import {plugin}\nfrom suite.testing import {contract}\n\n\n"
        f"class TestMutant({contract}):\n    plugin = {plugin}\n{body}",
        encoding="utf-8",
    )
    (name,) = (name for name in contract_tests(contract) if name.startswith(f"test_{prefix}"))
    return f"{test.name}::TestMutant::{name}"


@pytest.mark.thorough
def test_every_mutant_fails_its_contract_test(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}:{EXAMPLES}", prepend=":")
    test_ids: list[str] = []
    mutants: dict[str, str] = {}
    for contract, (module, _, _, mutations) in PLUGINS.items():
        source = source_of(module)
        for prefix, old, new in mutations:
            number = len(mutants)
            test_ids.append(write_mutant(pytester.path, number, contract, prefix, source.replace(old, new, 1)))
            mutants[f"test_{number}"] = f"{contract}, {prefix}: {new!r}"
    pytester.runpytest_subprocess(*test_ids, "--junitxml=report.xml", "-q", "--tb=short")
    passed, failed = set(), set()
    for case in ElementTree.parse(pytester.path / "report.xml").iter("testcase"):
        (failed if len(case) else passed).add(case.get("classname", "").split(".")[0])
    assert passed | failed == set(mutants), "every mutant was tested"
    assert [mutants[name] for name in sorted(passed)] == []


@pytest.mark.parametrize("contract", PLUGINS)
def test_every_mutation_changes_its_plugin(contract: str) -> None:
    module, _, _, mutations = PLUGINS[contract]
    source = source_of(module)
    assert [old for _, old, _ in mutations if old not in source] == []


def test_every_contract_test_has_a_mutant() -> None:
    assert set(PLUGINS) == set(suite.testing.__all__)
    for contract, (_, _, _, mutations) in PLUGINS.items():
        names = contract_tests(contract)
        covered = {name for name in names for prefix, _, _ in mutations if name.startswith(f"test_{prefix}")}
        assert covered == set(names), contract
