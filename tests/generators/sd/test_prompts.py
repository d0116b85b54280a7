from collections.abc import Callable

import pytest

from suite.errors import UsageError
from suite.generators.generator import Request
from suite.generators.sd.prompts import prompts_of

MakeRequest = Callable[..., Request]


def request_with(request_for: MakeRequest, classes: tuple[str, ...], *templates: str) -> Request:
    request = request_for(*(1 for _ in classes))
    return request.model_copy(update={"classes": classes, "prompts": templates})


def test_every_class_has_a_prompt_for_every_template_in_label_order(request_for: MakeRequest) -> None:
    request = request_with(request_for, ("garbage_truck", "tench"), "a photo of a {}", "a {}, outdoors")
    assert prompts_of(request) == (
        ("a photo of a garbage truck", "a garbage truck, outdoors"),
        ("a photo of a tench", "a tench, outdoors"),
    )


def test_class_names_with_braces_are_not_changed(request_for: MakeRequest) -> None:
    assert prompts_of(request_with(request_for, ("{0}",), "a {}")) == (("a {0}",),)


@pytest.mark.parametrize(
    ("classes", "templates", "message"),
    [
        (("cat", "dog"), (), r"sd on digits: class 'cat' has no prompt \(no template\)"),
        (("cat", "_"), ("a {}",), r"sd on digits: class '_' has no prompt \(no name\)"),
        (("cat", "dog"), ("an animal",), "classes 'cat', 'dog' have the same prompt 'an animal'"),
        (("red_fox", "red fox"), ("a {}",), "classes 'red_fox', 'red fox' have the same prompt"),
    ],
)
def test_classes_without_a_distinct_prompt_are_refused(
    request_for: MakeRequest, classes: tuple[str, ...], templates: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        prompts_of(request_with(request_for, classes, *templates))
