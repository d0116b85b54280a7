"""A training step does not wait for the device: no value is read back, and copies to the device do not block.

Trainings run on torch's meta device, which computes nothing. Reading a value of a tensor there raises an error, like
``.item()``, ``bool(tensor)``, ``.cpu()`` and boolean masks. Copies from the CPU are counted.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from simple_classifiers import resnet18
from simple_recipes import Painted
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from suite.artifacts import BuildContext, DataPaths, Recipe, Store
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.devices import to_device
from suite.engines.build import build
from suite.generators.biggan.recipes import TrainGan
from suite.generators.biggan.settings import GanTraining
from suite.generators.cd.network import denoiser
from suite.generators.cd.recipes import TrainDiffusion
from suite.generators.cd.sampling import Solver
from suite.generators.cd.settings import DiffusionSampling, DiffusionTraining
from suite.generators.sd.tiny.autoencoder import make_autoencoder, reconstruction_loss
from suite.generators.sd.tiny.denoiser import DenoisingTask, make_denoiser
from suite.generators.sd.tiny.settings import StageSettings
from suite.generators.sd.tiny.stages import Stages
from suite.generators.sd.tiny.text_encoder import ContrastivePair, tokenize
from suite.generators.sd.tiny.tokenizer import make_tokenizer

STEPS = 3
IMAGES = Painted(per_class=(20, 20))
CAPTIONS = ("the digit one", "the digit two", "")


class Transfers(TorchDispatchMode):
    """Records operations that make the CPU wait for the device, once ``steps`` counts steps.

    Attributes:
        blocking: Names of blocking copies, and of operations on the device with a tensor of the CPU.
        copies: Number of copies to the device that do not block.
        steps: Number of finished steps.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocking: list[str] = []
        self.copies = 0
        self.steps = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        tensors = [value for value in tree_leaves((args, kwargs, result)) if isinstance(value, torch.Tensor)]
        on_cpu = [tensor for tensor in tensors if tensor.device.type == "cpu"]
        if self.steps and 0 < len(on_cpu) < len(tensors):
            non_blocking = dict(kwargs or {}).get("non_blocking", False)
            if non_blocking:
                self.copies += 1
            elif any(tensor.dim() for tensor in on_cpu) or "copy" in func.__name__:  # CPU scalars are kernel arguments
                self.blocking.append(func.__name__)
        return result


class Stop(Exception):  # noqa: N818
    """Ends a training after a few steps."""


@pytest.fixture(autouse=True)
def _on_the_meta_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn off what the meta device does not have: fused optimisers and autocast."""
    for name in ("SGD", "Adam", "AdamW"):
        optimiser = getattr(torch.optim, name)
        monkeypatch.setattr(
            torch.optim, name, lambda *args, of=optimiser, **options: of(*args, **{**options, "fused": False})
        )
    monkeypatch.setattr(Compute, "autocast", lambda *_: nullcontext())


def observe(store: Store, recipe: Recipe, train: Callable[[BuildContext], object]) -> Transfers:
    """Train on the meta device for ``STEPS`` steps after the first, and return what was observed in them."""
    transfers = Transfers()

    def progress(done: int, _: int) -> None:
        transfers.steps = done
        if done > STEPS:
            raise Stop

    context = BuildContext(store, recipe, device="meta", data_paths=DataPaths(), progress=progress)
    with transfers, pytest.raises(Stop):
        train(context)
    return transfers


def trainings() -> list[Recipe]:
    """Return a small training of every recipe that trains a network on images."""
    classifier = ResNet18Settings(width=8, epochs=2, batch_size=5, augmentation=("crop", "flip"), crop_padding=1)
    diffusion = {
        "channels": (4, 8),
        "layers": 1,
        "attention": (1,),
        "norm_groups": 2,
        "batch_size": 4,
        "warmup": 1,
        "steps": 9,
        "learning_rate": 0.01,
        "ema": 0.5,
        "snr_limit": 5.0,
        "flip": True,
    }
    gan = {
        "channels": 4,
        "bottom": 2,
        "noise": 4,
        "embedding": 4,
        "batch_size": 4,
        "steps": 9,
        "discriminator_steps": 2,
        "augment": ("color", "translation", "cutout"),
        "flip": True,
    }
    common: dict[str, Any] = {"classes": 2, "seed": 0, "compute": Compute()}
    return [
        resnet18(training_set=IMAGES, settings=classifier, **common),
        TrainDiffusion(real=IMAGES, settings=DiffusionTraining.model_validate(diffusion), **common),
        TrainGan(real=IMAGES, settings=GanTraining.model_validate(gan), **common),
    ]


@pytest.mark.parametrize("recipe", trainings(), ids=lambda recipe: recipe.step)
def test_no_step_waits_for_the_device(recipe: Recipe, store: Store) -> None:
    build(store, IMAGES)
    transfers = observe(store, recipe, recipe.build)
    assert transfers.blocking == []
    assert transfers.copies >= 3 * STEPS


def stages() -> dict[str, tuple[torch.nn.Module, Callable[[int], torch.Tensor]]]:
    """Return the networks of the tiny pipeline, and their losses, by stage."""
    tokenizer = make_tokenizer(CAPTIONS)
    ids = tokenize(tokenizer, list(CAPTIONS)).to("meta")
    images, captions = torch.zeros(4, 3, 16, 16, device="meta"), torch.zeros(4, dtype=torch.int64, device="meta")
    pair, autoencoder, denoiser = ContrastivePair(tokenizer), make_autoencoder(), make_denoiser()
    latents, embeddings = torch.zeros(8, 4, 4, 4, device="meta"), torch.zeros(3, 32, 64, device="meta")
    task = DenoisingTask(latents, embeddings, dropout=0.1, seed=0)
    return {
        "text encoder": (pair, lambda _: pair.loss(images, ids[captions])),
        "autoencoder": (autoencoder, lambda step: reconstruction_loss(autoencoder, images, 0, step)),
        "denoiser": (denoiser, lambda step: task.loss(denoiser, step, captions, captions)),
    }


@pytest.mark.parametrize("name", ["text encoder", "autoencoder", "denoiser"])
def test_no_step_of_the_tiny_pipeline_waits_for_the_device(name: str, store: Store) -> None:
    network, loss = stages()[name]
    stage = StageSettings(steps=9, batch_size=4, learning_rate=0.01)
    transfers = observe(store, IMAGES, lambda context: Stages(context, 9).run(name, stage, network, loss, ema=0.9))
    assert transfers.blocking == []


@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_no_evaluation_of_the_diffusion_model_waits_for_the_device(guidance: float) -> None:
    training = trainings()[1].settings  # type: ignore[attr-defined]
    transfers, network = Transfers(), denoiser(training, classes=2)
    sampling = DiffusionSampling(steps=5, guidance=guidance)
    solver = Solver(network, training, sampling, classes=2, size=8, compute=Compute(), device="meta")

    def count(*_: object) -> None:
        transfers.steps += 1

    network.register_forward_hook(count)
    with transfers:
        solver.draw(torch.zeros(3, dtype=torch.int64, device="meta"), [torch.Generator() for _ in range(3)])
    assert transfers.steps == 5
    assert transfers.blocking == []


def test_waiting_is_noticed() -> None:
    with Transfers() as transfers:
        transfers.steps = 1
        values, on_cpu = torch.zeros(3, device="meta"), torch.tensor([0, 1])
        on_cpu.to("meta")
        values[on_cpu]
        to_device(on_cpu, "meta")
        values[to_device(on_cpu, "meta")]
        for reads in (bool, float, torch.nonzero, torch.Tensor.cpu, lambda tensor: tensor[tensor > 0]):
            with pytest.raises((RuntimeError, NotImplementedError)):
                reads(values.sum() if reads in (bool, float) else values)
    assert transfers.blocking == ["_to_copy.default", "index.Tensor"]
    assert transfers.copies == 2


def test_copies_to_a_gpu_come_from_pinned_memory() -> None:
    class Values:
        pinned = False

        def pin_memory(self) -> "Values":
            self.pinned = True
            return self

        def to(self, device: str, non_blocking: bool) -> tuple[bool, str, bool]:
            return self.pinned, device, non_blocking

    assert to_device(Values(), "cuda:1") == (True, "cuda:1", True)  # type: ignore[arg-type,comparison-overlap]
    assert to_device(Values(), "mps") == (False, "mps", False)  # type: ignore[arg-type,comparison-overlap]
    same = torch.zeros(1)
    assert to_device(same, "cpu") is same
