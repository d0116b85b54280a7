"""The dataset card of an exported set: Markdown with YAML front matter, as the Hugging Face Hub reads it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from suite import __version__
from suite.artifacts import Artifact

if TYPE_CHECKING:
    from suite.results.models import Cell

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
TEMPLATE = """---
{front}
---

# {title}

Synthetic images: {images:,} PNGs of {classes} classes, written by `suite export` of synthetic-data-suite {version}.

| | |
| --- | --- |
{facts}

## Loading

```python
from torchvision.datasets import ImageFolder

data = ImageFolder("DIR")  # the directory of this file
```

```python
from datasets import load_dataset

data = load_dataset("imagefolder", data_dir="DIR", split="train")
```

`suite judge REAL DIR` tests whether these images help a classifier of real ones.

## Images per class

| class | images |
| --- | --- |
{counts}

## Settings

All settings of the step that made the images. A reference to another step is its key.

```json
{settings}
```
"""


def dataset_card(artifact: Artifact, label: str, cell: "Cell | None", counts: Mapping[str, int]) -> str:
    """Return the card.

    Args:
        artifact: The artifact of the set.
        label: Name of the artifact.
        cell: A cell of a report that used the set; None if there is none.
        counts: Images per class by class name.
    """
    total, manifest = sum(counts.values()), artifact.manifest
    title = f"{cell.dataset}-{cell.generator}" if cell else label
    front = {
        "pretty_name": title,
        "task_categories": ["image-classification"],
        "tags": ["synthetic"],
        "size_categories": [next((name for limit, name in SIZES if total < limit), "n>1M")],
    }
    facts = {
        "made by": (cell and cell.generator_description) or label,
        "trained on": (cell and cell.trained_on) or "not known: no report that used the set was found",
        "made for": cell.dataset if cell else None,
        "command": f"`{cell.command}`" if cell else None,
        "key": f"`{artifact.key}`",
        "step": f"{manifest.step}, version {manifest.version}",
        "device": manifest.built_with.device if manifest.built_with else None,
        "suite version": __version__,
    }
    return TEMPLATE.format(
        front="\n".join(f"{name}: {json.dumps(value)}" for name, value in front.items()),  # JSON is valid YAML
        title=_cell(title),
        images=total,
        classes=len(counts),
        version=__version__,
        facts="\n".join(f"| {name} | {_cell(value)} |" for name, value in facts.items() if value),
        counts="\n".join(f"| {_cell(name)} | {count:,} |" for name, count in counts.items()),
        settings=json.dumps(manifest.fields, indent=1),
    )


def _cell(text: str) -> str:
    """Return text as a cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").split())
