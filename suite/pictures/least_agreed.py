"""The paper's "indoor churches": the synthetic images that classifiers trained on real images agree with least."""

from typing import ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.classifiers.recipes import Predictions
from suite.classifiers.settings import PREDICTIONS
from suite.images import ImageSet
from suite.pictures.grid import COLUMNS, MOST_ROWS

PICTURE = "least-agreed.png"
THUMBNAILS = "least-agreed.webp"
CAPTIONS = "least-agreed.json"


class LeastAgreed(Recipe):
    """The synthetic images of each class to whose label ``org`` classifiers give the least probability.

    The payload is ``least-agreed.png`` with what each image is taken for, ``least-agreed.webp`` without any text (a
    row a class), and ``least-agreed.json``: for each class a list, least agreed first, of ``taken_for`` (label),
    ``probability`` of that and ``own``, the probability of its own label; means over the classifiers.

    Attributes:
        synthetic: The images.
        predictions: What each ``org`` classifier says of them.
        classes: Class names in the order of the labels.
    """

    step: ClassVar[str] = "least-agreed"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.pictures.least_agreed", "suite.pictures.contact_sheet")

    synthetic: ImageSet
    predictions: tuple[Predictions, ...]
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """What it is, for people."""
        return f"least agreed of {self.synthetic.label}"

    def build(self, context: BuildContext) -> None:
        """Choose and draw."""
        import numpy as np

        from suite.pictures.contact_sheet import draw_named, draw_thumbnails

        said = [context.artifact(prediction).tensors(PREDICTIONS) for prediction in self.predictions]
        probabilities = np.stack([one["probabilities"] for one in said]).mean(axis=0, dtype=np.float64)
        labels = said[0]["labels"]
        own = probabilities[np.arange(len(labels)), labels]
        images = self.synthetic.open(context.store).images
        chosen = []
        for label in range(min(len(self.classes), MOST_ROWS)):
            of_class = np.flatnonzero(labels == label)
            chosen.append(of_class[np.argsort(own[of_class], kind="stable")][:COLUMNS])
        captions = [[int(probabilities[index].argmax()) for index in row] for row in chosen]
        rows = [list(images[row]) for row in chosen]
        draw_named(
            context.payload / PICTURE,
            self.classes[:MOST_ROWS],
            [("least agreed, and what each is taken for", rows)],
            [[self.classes[label] for label in row] for row in captions],
        )
        draw_thumbnails(context.payload / THUMBNAILS, rows)
        context.write_json(
            CAPTIONS,
            [
                [
                    {
                        "taken_for": label,
                        "probability": round(float(probabilities[index, label]), 4),
                        "own": round(float(own[index]), 4),
                    }
                    for index, label in zip(row, taken, strict=True)
                ]
                for row, taken in zip(chosen, captions, strict=True)
            ],
        )
