"""Least agreed images: synthetic images whose label gets a low probability from ``org`` classifiers.

The paper shows such images as "indoor churches".
"""

from typing import ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.classifiers.classifier import PREDICTIONS, Predictions
from suite.images import ImageSet
from suite.pictures.sheet_layout import COLUMNS, MAX_CLASSES

PICTURE = "least-agreed.png"
THUMBNAILS = "least-agreed.webp"
CAPTIONS = "least-agreed.json"


class LeastAgreed(Recipe):
    """The synthetic images of each class whose label gets the lowest probability from the ``org`` classifiers.

    The payload is:

    - ``least-agreed.png``: one row per class, with the predicted class under each image;
    - ``least-agreed.webp``: the same images without text;
    - ``least-agreed.json``: for each class a list, lowest probability first, of ``taken_for`` (predicted label),
      ``probability`` (of that label) and ``own`` (probability of the image's label).

    Probabilities are means over the classifiers.

    Attributes:
        synthetic: The synthetic images.
        predictions: Predictions of each ``org`` classifier for them.
        classes: Class names in the order of the labels.
    """

    step: ClassVar[str] = "least-agreed"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.pictures.least_agreed",
        "suite.pictures.contact_sheet",
        "suite.pictures.sheet_layout",
    )

    synthetic: ImageSet
    predictions: tuple[Predictions, ...]
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """Short description for messages."""
        return f"least agreed of {self.synthetic.label}"

    def build(self, context: BuildContext) -> None:
        """Select the images and draw them.

        Args:
            context: Where images and predictions are read and the payload is written.
        """
        import numpy as np

        from suite.pictures.contact_sheet import draw_named, draw_thumbnails

        tensors = [context.artifact(predictions).tensors(PREDICTIONS) for predictions in self.predictions]
        probabilities = np.stack([of_seed["probabilities"] for of_seed in tensors]).mean(axis=0, dtype=np.float64)
        labels = tensors[0]["labels"]
        label_probabilities = probabilities[np.arange(len(labels)), labels]
        images = self.synthetic.open(context.store).images
        selected = []
        for label in range(min(len(self.classes), MAX_CLASSES)):
            of_class = np.flatnonzero(labels == label)
            selected.append(of_class[np.argsort(label_probabilities[of_class], kind="stable")][:COLUMNS])
        predicted = [[int(probabilities[index].argmax()) for index in row] for row in selected]
        rows = [list(images[row]) for row in selected]
        draw_named(
            context.payload / PICTURE,
            self.classes[:MAX_CLASSES],
            [("least agreed, and what each is taken for", rows)],
            [[self.classes[label] for label in row] for row in predicted],
        )
        draw_thumbnails(context.payload / THUMBNAILS, rows)
        context.write_json(
            CAPTIONS,
            [
                [
                    {
                        "taken_for": label,
                        "probability": round(float(probabilities[index, label]), 4),
                        "own": round(float(label_probabilities[index]), 4),
                    }
                    for index, label in zip(row, row_predicted, strict=True)
                ]
                for row, row_predicted in zip(selected, predicted, strict=True)
            ],
        )
