"""Text prompts for the classes of a dataset."""

from suite.datasets.naming import escaped, quoted
from suite.errors import UsageError
from suite.generators.generator import Request

PLACEHOLDER = "{}"


def prompts_of(request: Request) -> tuple[tuple[str, ...], ...]:
    """Fill the class names into the dataset's prompt templates.

    Args:
        request: Request with class names and templates. Underscores in class names become spaces.

    Returns:
        The prompts of each class in label order, one for each template.

    Raises:
        UsageError: If a class has no prompt, or two classes have the same prompt.
    """
    names = [name.replace("_", " ").strip() for name in request.classes]
    prompts = tuple(tuple(template.replace(PLACEHOLDER, name) for template in request.prompts) for name in names)
    for label, (name, class_prompts) in enumerate(zip(names, prompts, strict=True)):
        if not name or not class_prompts:
            missing = "no template" if name else "no name"
            raise UsageError(
                f"sd on {escaped(request.dataset)}: class '{escaped(request.classes[label])}' has no prompt "
                f"({missing}): "
                f"give the dataset templates with {PLACEHOLDER} for the class name, "
                f'such as "a photo of a {PLACEHOLDER}"'
            )
        for other in range(label):
            if set(class_prompts) & set(prompts[other]):
                both = quoted((request.classes[other], request.classes[label]))
                raise UsageError(
                    f"sd on {escaped(request.dataset)}: classes {both} have the same prompt "
                    f"'{escaped(class_prompts[0])}': "
                    f"put {PLACEHOLDER} for the class name into every template"
                )
    return prompts
