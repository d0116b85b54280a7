"""Exchanged class folders are found, and sets that are only hard to recognise are not called exchanged."""

import numpy as np
import pytest

from suite.classifiers.label_check import exchanged_classes

CLASSES = 6
MANY = np.full(CLASSES, 500)


def confusion(right: float, seed: int = 0) -> np.ndarray:
    """Return a confusion matrix with a share of right predictions, the others spread unevenly."""
    wrong = np.random.default_rng(seed).dirichlet(np.full(CLASSES - 1, 4.0), CLASSES) * (1 - right)
    matrix = np.eye(CLASSES) * right
    matrix[~np.eye(CLASSES, dtype=bool)] = wrong.ravel()
    return matrix


def relabelled(matrix: np.ndarray, **to: int) -> np.ndarray:
    """Return the matrix of a set in which the images of some classes lie in the folders of others."""
    order = np.arange(CLASSES)
    for name, label in to.items():
        order[int(name.removeprefix("class"))] = label
    return matrix[order]


@pytest.mark.parametrize("right", [0.5, 0.7, 0.97])
def test_exchanged_classes_are_found(right: float) -> None:
    real = confusion(max(right, 0.6), seed=1)
    pair = relabelled(confusion(right), class1=4, class4=1)
    assert exchanged_classes(pair, real, MANY) == ((1, 4),)
    cycle = relabelled(confusion(right), class0=2, class2=5, class5=0)
    assert exchanged_classes(cycle, real, MANY) == ((0, 2, 5),)
    both = relabelled(confusion(right), class0=1, class1=0, class2=3, class3=2)
    assert exchanged_classes(both, real, MANY) == ((0, 1), (2, 3))


@pytest.mark.parametrize("right", [1.0, 0.6, 0.35, 1 / CLASSES])
@pytest.mark.parametrize("seed", range(5))
def test_labels_that_are_right_are_not_called_exchanged(right: float, seed: int) -> None:
    assert exchanged_classes(confusion(right, seed), confusion(0.6, seed + 100), MANY) == ()


def test_shuffled_labels_and_one_class_that_shows_another_are_not_called_exchanged() -> None:
    assert exchanged_classes(np.full((CLASSES, CLASSES), 1 / CLASSES), confusion(0.9), MANY) == ()
    one = confusion(0.9)
    one[2] = one[3]
    assert exchanged_classes(one, confusion(0.9), MANY) == ()


def test_classes_that_org_cannot_tell_apart_are_not_called_exchanged() -> None:
    real = confusion(0.9)
    real[1] = real[4] = (real[1] + real[4]) / 2
    assert exchanged_classes(relabelled(confusion(0.9), class1=4, class4=1), real, MANY) == ()


def test_few_images_need_a_larger_margin() -> None:
    pair, real = relabelled(confusion(0.6), class1=4, class4=1), confusion(0.97)
    assert exchanged_classes(pair, real, np.full(CLASSES, 50)) == ((1, 4),)
    assert exchanged_classes(pair, real, np.full(CLASSES, 4)) == ()
    assert exchanged_classes(relabelled(real, class1=4, class4=1), real, np.full(CLASSES, 20)) == ((1, 4),)
