"""The prompts of a dataset's classes."""

from suite.datasets.naming import listed, shown
from suite.errors import UsageError
from suite.generators.generator import Request

BLANK = "{}"


def prompts_of(request: Request) -> tuple[tuple[str, ...], ...]:
    """Return the prompts of each class, in the order of the labels: every template with the class's name in it.

    Raises:
        UsageError: If a class has no prompt, or the same one as another class.
    """
    names = [name.replace("_", " ").strip() for name in request.classes]
    prompts = tuple(tuple(template.replace(BLANK, name) for template in request.prompts) for name in names)
    for label, (name, those) in enumerate(zip(names, prompts, strict=True)):
        if not name or not those:
            missing = "no template" if name else "no name"
            raise UsageError(
                f"sd on {shown(request.dataset)}: class '{shown(request.classes[label])}' has no prompt ({missing}): "
                f'give the dataset templates with {BLANK} for the class name, such as "a photo of a {BLANK}"'
            )
        for other in range(label):
            if set(those) & set(prompts[other]):
                both = listed((request.classes[other], request.classes[label]))
                raise UsageError(
                    f"sd on {shown(request.dataset)}: classes {both} have the same prompt '{shown(those[0])}': "
                    f"put {BLANK} for the class name into every template"
                )
    return prompts
