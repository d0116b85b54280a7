"""``suite export``: write a synthetic set of the store as a folder of PNGs with a dataset card."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from suite.artifacts import Artifact, Store
from suite.commands.dataset_card import dataset_card
from suite.commands.judge import add_options, given_options
from suite.commands.output import OK
from suite.commands.store import check_is_store, open_store
from suite.errors import SuiteError, UsageError
from suite.images.image_set import IMAGES
from suite.planning.options import OPTIONS, option_values

if TYPE_CHECKING:
    from suite.images.labelled import LabelledImages
    from suite.results.models import Cell

FORBIDDEN = '/\\:*?"<>|'
HELP = "write a synthetic set as a folder of PNGs, class/file, with a dataset card"
EXPORT_OPTIONS = tuple(option for option in OPTIONS if option.name in ("store", "reports"))
EXAMPLES = """examples:
  suite export digits-cd out/digits-cd                DATASET-GENERATOR of a report in reports
  suite export 3f2a out/some                          a key that begins so, as shown by suite store list --keys
  suite export "cd, samples for digits" out/some      a name that begins so, as shown there

Class names come from the reports that used the set, below --reports; without one the folders are numbered.
"""


class StoredSet(NamedTuple):
    """A set of images in the store.

    Attributes:
        key: Key of its artifact.
        label: Name of its artifact.
        cell: A cell of a report that used it; None if none did.
    """

    key: str
    label: str
    cell: "Cell | None"


def add_parser(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "export", help=HELP, description=HELP, epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("set", metavar="SET", help="DATASET-GENERATOR, or the beginning of a key or of a name")
    parser.add_argument(
        "directory", metavar="DIR", type=Path, help="directory to write; it must be empty, or not exist"
    )
    add_options(parser, EXPORT_OPTIONS)
    parser.set_defaults(run=export)


def export(options: Namespace) -> int:
    """Run the command and return its exit code.

    Raises:
        SuiteError: If there is no such set or several, it is damaged, or the directory cannot be written.
    """
    values = option_values(given_options(options, EXPORT_OPTIONS))
    store = open_store(values["store"])
    check_is_store(store)
    found = find_set(options.set, store, (values["reports"] or Path("reports")).expanduser())
    artifact = Artifact(store.path(found.key), found.key)
    if IMAGES not in artifact.manifest.files:
        raise UsageError(f"{found.label} selects from another set and stores no images: export that set")
    tensors = artifact.tensors(IMAGES)
    from suite.images.labelled import LabelledImages

    images = LabelledImages(tensors["images"], tensors["labels"])
    counts = found.cell and found.cell.counts
    names = counts.classes if counts else tuple(f"{label:03d}" for label in range(int(images.labels.max()) + 1))
    try:
        _write(images, folder_names(names), options.directory)
        card = dataset_card(artifact, found.label, found.cell, dict(zip(names, images.counts(len(names)), strict=True)))
        (options.directory / "README.md").write_text(card, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{options.directory} cannot be written ({error.strerror}): choose another DIR") from error
    print(f"{len(images):,} images of {len(names)} classes of {found.label}, and README.md, in {options.directory}")
    return OK


def find_set(name: str, store: Store, reports: Path) -> StoredSet:
    """Return the set that a name, the beginning of a key, or DATASET-GENERATOR means.

    Args:
        name: What the user typed.
        store: The store.
        reports: Directory below which reports are searched.

    Raises:
        UsageError: If there is none, or more than one.
    """
    cells = {key: cell for cell in _cells(reports) for key in cell.keys.get("synthetic", ())}
    keys = set(store.keys())
    named = [key for key, cell in cells.items() if f"{cell.dataset}-{cell.generator}" == name and key in keys]
    sets = [StoredSet(key, _label(store, key), cells.get(key)) for key in named[:1] or keys]
    matching = [one for one in sets if named or one.key.startswith(name) or one.label.startswith(name)]
    matching = [one for one in matching if one.label]
    if not name or not matching:
        raise UsageError(f"no set in {store.root} is called {name!r}: suite store list --keys shows keys and names")
    if len(matching) > 1:
        keys_found = ", ".join(f"{one.key[:8]} ({one.label})" for one in sorted(matching)[:4])
        raise UsageError(f"{len(matching)} artifacts are called {name!r}: give a key: {keys_found}")
    return matching[0]


def folder_names(classes: Sequence[str]) -> list[str]:
    """Return a folder name for every class: its name, with '_' for what file systems and readers of folders refuse."""
    names = ["".join("_" if sign in FORBIDDEN or not sign.isprintable() else sign for sign in name) for name in classes]
    names = [f"_{name.lstrip('.')}" if name.startswith(".") or not name.strip() else name for name in names]
    return names if len(set(names)) == len(names) else [f"{label:03d}-{name}" for label, name in enumerate(names)]


def _cells(reports: Path) -> Iterator["Cell"]:
    """Yield the cells of every report below a directory; files that are no reports are skipped."""
    from suite.results.bundle import RESULTS, read_results

    for path in sorted(reports.rglob(RESULTS)):
        try:
            yield from (cell for cell in read_results(path).cells if cell.variant is None)
        except SuiteError:
            continue


def _label(store: Store, key: str) -> str:
    """Return the name of an artifact, as shown by ``suite store list --keys``; empty if it has no manifest."""
    artifact = Artifact(store.path(key), key)
    try:
        return str(artifact.run.get("label", artifact.manifest.step))
    except SuiteError:
        return ""


def _write(images: "LabelledImages", folders: Sequence[str], directory: Path) -> None:
    """Write ``directory/class/number.png``."""
    from PIL import Image

    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} is not an empty directory: choose another DIR")
    for folder in folders:
        (directory / folder).mkdir(parents=True)
    for number, (pixels, label) in enumerate(zip(images.images, images.labels, strict=True)):
        Image.fromarray(pixels).save(directory / folders[int(label)] / f"{number:06d}.png")
