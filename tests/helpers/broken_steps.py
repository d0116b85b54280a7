"""Steps with invalid output, in a module that worker processes can import."""

from typing import ClassVar, Literal

from simple_recipes import Number, Painted

from suite.artifacts import BuildContext
from suite.images.image_set import IMAGES, ImageSet

Fault = Literal[
    "none", "constant", "identical", "floats", "nan", "short", "long", "label", "negative", "planar", "nothing"
]


class Generated(ImageSet):
    """A generator that writes its own images, with one fault."""

    step: ClassVar[str] = "test-generated"
    version: ClassVar[int] = 1

    fault: Fault
    seed: int
    per_class: tuple[int, ...] = (3, 3)

    @property
    def counts(self) -> tuple[int, ...]:
        return self.per_class

    def build(self, context: BuildContext) -> None:
        import numpy as np

        images = np.random.default_rng(self.seed).integers(0, 256, (6, 4, 4, 3)).astype(np.uint8)
        labels = np.repeat(np.arange(2), 3)
        match self.fault:
            case "constant":
                images[labels == 1] = 0
            case "identical":
                images[labels == 1] = images[0]
            case "floats":
                images = images / np.float32(255)
            case "nan":
                images = np.full_like(images, np.nan, dtype=np.float32)
            case "short":
                images, labels = images[:-1], labels[:-1]
            case "long":
                images, labels = np.concatenate([images, images]), np.concatenate([labels, labels])
            case "label":
                labels[0] = 2
            case "negative":
                labels[0] = -1
            case "planar":
                images = images.transpose(0, 3, 1, 2)
            case "nothing":
                context.write_json("summary.json", {})
                return
        context.write_tensors(IMAGES, {"images": np.ascontiguousarray(images), "labels": labels})


class Drawn(Painted):
    """A generator that uses the suite's sampling loop, with one fault."""

    step: ClassVar[str] = "test-drawn"

    fault: Literal["none", "nan", "infinite", "range", "constant", "identical"]

    def build(self, context: BuildContext) -> None:
        import torch

        from suite.generators.common.sampling import make_images

        def draw(labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
            images = torch.stack([torch.rand((3, 4, 4), generator=generator) * 2 - 1 for generator in generators])
            match self.fault:
                case "nan":
                    images[0, 0, 0, 0] = float("nan")
                case "infinite":
                    images[0, 0, 0, 0] = float("inf")
                case "range":
                    images = (images + 1) * 127.5
                case "constant":
                    images[:] = 0
                case "identical":
                    images = images[:1].expand(len(labels), -1, -1, -1)
            return images

        result = make_images(context, draw, counts=self.per_class, batch_size=4, seed=self.seed)
        context.write_tensors(IMAGES, {"images": result.images, "labels": result.labels})


class Trained(Number):
    """A training with weights, or a number, that are not finite."""

    step: ClassVar[str] = "test-trained"

    seed: int
    fault: Literal["weights", "number"]

    def build(self, context: BuildContext) -> None:
        import numpy as np

        if self.fault == "number":
            context.write_json("history.json", {"loss": float("inf")})
        context.write_tensors("model.safetensors", {"a": np.zeros(3), "b": np.array([1.0, np.nan], np.float32)})
