"""Accuracies of the predictions of a classifier. Does not import torch."""

import numpy as np
from numpy.typing import NDArray


def summarise_predictions(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, object]:
    """Compute accuracies and macro F1 in percent and, for two classes, AUROC (0 to 1).

    Args:
        probabilities: float32, (N, classes).
        labels: int64, (N,).

    Returns:
        ``n``, ``accuracy``, ``per_class`` (None for a class without images), ``balanced_accuracy`` and ``macro_f1``
        (means over the classes with images) and ``auroc`` (None unless there are two classes and both have images).
    """
    classes, predicted = probabilities.shape[1], probabilities.argmax(axis=1)
    confusion = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    images, correct = confusion.sum(axis=1), np.diag(confusion)
    present = np.flatnonzero(images)
    recall = 100 * correct / np.maximum(images, 1)
    f1 = 200 * correct / np.maximum(images + confusion.sum(axis=0), 1)
    has_both_classes = classes == len(present) == 2
    return {
        "n": len(labels),
        "accuracy": 100 * float((predicted == labels).mean()),
        "per_class": [float(value) if count else None for value, count in zip(recall, images, strict=True)],
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
        "auroc": _auroc(labels, probabilities[:, 1]) if has_both_classes else None,
    }


def _auroc(labels: NDArray[np.int64], scores: NDArray[np.float32]) -> float:
    from sklearn.metrics import roc_auc_score  # imported here: the import takes longer than most predictions

    return float(roc_auc_score(labels, scores))
