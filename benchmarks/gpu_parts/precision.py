"""Part 4: short trainings on digits in bfloat16 and in float32."""

from functools import partial

from gpu_parts import CheckFailed, Checks, Options, Row, digits_planner
from suite.artifacts import Store
from suite.classifiers.classifier import HISTORY, SUMMARY
from suite.classifiers.network import TrainedNetwork
from suite.compute import Compute
from suite.engines.build import build_all
from suite.generators.cd.recipes import TrainDiffusion
from suite.planning.case import Case, Mode

COMPUTE = {"float32": Compute(), "bfloat16": Compute(precision="bfloat16", memory_format="channels_last")}
STEPS = 200
MAX_POINTS = 5.0
MAX_RELATIVE = 0.25


def checks(options: Options) -> Checks:
    """Yield the trainings of a classifier and of ``cd``."""
    store = options.store("precision")
    yield "classifier", partial(_classifier, options, store)
    yield "cd", partial(_diffusion, options, store)


def _classifier(options: Options, store: Store) -> Row:
    predictions = digits_planner(options).case(Case(dataset="digits", mode=Mode.ORG)).predictions[0]
    planned = predictions.classifier
    assert isinstance(planned, TrainedNetwork)
    changes = {"width": 8, "steps": 3} if options.tiny else {"width": 64, "steps": STEPS}
    settings = planned.settings.model_copy(update=changes)
    losses, accuracies = {}, {}
    for precision, compute in COMPUTE.items():
        classifier = planned.model_copy(update={"settings": settings, "compute": compute})
        on_validation = classifier.predictions(predictions.images)
        (artifact,) = build_all(store, [on_validation], device=options.device, data_paths=options.data_paths)
        losses[precision] = store.get(classifier).json(HISTORY)["loss_per_epoch"][-1]
        accuracies[precision] = artifact.json(SUMMARY)["accuracy"]
    points = abs(accuracies["bfloat16"] - accuracies["float32"])
    if points > MAX_POINTS and not options.tiny:
        raise CheckFailed(f"accuracies {accuracies}: more than {MAX_POINTS:.0f} points apart")
    return {**_columns("loss", losses), **_columns("accuracy on validation, %", accuracies)}


def _diffusion(options: Options, store: Store) -> Row:
    plan = digits_planner(options, limit_steps=3 if options.tiny else STEPS).case(
        Case(dataset="digits", generator="cd", mode=Mode.SYN)
    )
    planned = next(recipe for recipe in plan.synthetic[0].dependencies if isinstance(recipe, TrainDiffusion))
    losses = {}
    for precision, compute in COMPUTE.items():
        training = planned.model_copy(update={"compute": compute})
        (artifact,) = build_all(store, [training], device=options.device, data_paths=options.data_paths)
        losses[precision] = artifact.json(HISTORY)["losses"]["loss"][-1]
    if abs(losses["bfloat16"] / losses["float32"] - 1) > MAX_RELATIVE and not options.tiny:
        raise CheckFailed(f"losses {losses}: more than {MAX_RELATIVE:.0%} apart")
    return _columns("loss", losses)


def _columns(what: str, values: dict[str, float]) -> Row:
    return {f"{what}, {precision}": round(value, 4) for precision, value in values.items()}
