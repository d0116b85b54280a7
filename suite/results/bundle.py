"""Bundles: one small zip from which a report can be regenerated anywhere, without the store."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from suite.errors import UsageError, first_mistake, one_line
from suite.planning.case import Case
from suite.results.consistency import contradiction
from suite.results.measurements import CellMeasurement
from suite.results.models import ResultsFile
from suite.results.old_versions import upgraded

BUNDLE = "bundle.zip"
RESULTS = "results.json"
PICTURES = "pictures/"
LIMIT = 5_000_000  # bytes of the zip
LIMIT_OPENED = 100_000_000  # bytes of its content
PACKED = (".svg", ".webp", ".json")  # what the page uses

_NAME = re.compile(r"[A-Za-z0-9_-]+\.(svg|webp|json)")


class Caption(BaseModel):
    """Caption of one of the images on whose label classifiers trained on real images agree least.

    Attributes:
        taken_for: Predicted label.
        probability: Probability of that label.
        own: Probability of the image's own label.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    taken_for: int
    probability: float
    own: float


class AuditedCaption(BaseModel):
    """Caption of one of the worst and best images of an audit.

    Attributes:
        index: Position of the image in its set.
        predicted: Predicted label.
        probability: Probability of the image's own label.
        influence: Its influence; null if it is missing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int
    predicted: int
    probability: float
    influence: float | None


_PROFILE = re.compile(r"[A-Za-z0-9_-]+")
_MEASUREMENTS = TypeAdapter(tuple[CellMeasurement, ...])
_CAPTIONS = TypeAdapter(list[list[Caption]])
_AUDITED = TypeAdapter(list[list[AuditedCaption]])


def bundle(results: ResultsFile, pictures: Mapping[str, bytes]) -> bytes:
    """Return the bundle of a report: the same bytes for the same results and pictures, at most 5 MB.

    Pictures that do not fit are left out, the largest thumbnails first, and a note in the results names them.

    Args:
        results: The results of a run.
        pictures: File name to content; only those that the page uses are packed.
    """
    packed = {name: content for name, content in sorted(pictures.items()) if Path(name).suffix in PACKED}
    sizes = {name: len(_zip({PICTURES + name: content})) for name, content in packed.items()}
    capacity = LIMIT - len(_zip({RESULTS: results_json(results).encode()})) - 1000
    left_out = []
    while sum(sizes[name] for name in packed) > capacity and packed:
        largest = max(packed, key=lambda name: (name.endswith(".webp"), sizes[name], name))
        del packed[largest]
        left_out.append(largest)
    if left_out:
        note = f"left out of the bundle, to keep it under {LIMIT // 10**6} MB: {', '.join(sorted(left_out))}"
        results = results.model_copy(update={"notes": (*results.notes, note)})
    members = {PICTURES + name: content for name, content in packed.items()}
    return _zip({RESULTS: results_json(results).encode(), **members})


def read_bundle(path: Path) -> tuple[ResultsFile, dict[str, bytes]]:
    """Return the results and pictures of a bundle. Nothing is extracted, and all of its content is validated.

    Args:
        path: The bundle.

    Raises:
        UsageError: If it is not a bundle.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > LIMIT_OPENED:
                raise UsageError(f"{path} is not a bundle: it has more than {LIMIT_OPENED // 10**6} MB")
            content = {name: archive.read(name) for name in archive.namelist()}
    except UsageError:
        raise
    except Exception as error:  # a damaged zip can raise any exception
        reason = one_line(error) or type(error).__name__
        raise UsageError(f"{path} cannot be read as a bundle ({reason}): give the bundle.zip of a report") from error
    if RESULTS not in content:
        raise UsageError(f"{path} is not a bundle: it has no {RESULTS}")
    results = _results(content.pop(RESULTS), path)
    pictures = {}
    for member, data in content.items():
        name = member.removeprefix(PICTURES)
        if name == member or not _NAME.fullmatch(name):
            raise UsageError(f"{path} is not a bundle: {member!r} is not a member of a bundle")
        if name.endswith(".json"):
            try:
                (_AUDITED if name.startswith("audited-") else _CAPTIONS).validate_json(data)
            except ValidationError as error:
                raise UsageError(f"{path} is not a bundle: {member!r} has no valid captions") from error
        pictures[name] = data
    return results, pictures


def find_bundle(reports: Path, profile: str) -> tuple[ResultsFile, dict[str, bytes]]:
    """Return the results and pictures of the bundle of a profile's report.

    Args:
        reports: Directory of reports.
        profile: Name of the profile.

    Raises:
        UsageError: If it does not exist, is not a bundle, or is the bundle of another profile.
    """
    path = reports / profile / BUNDLE
    if not path.is_file():
        raise UsageError(f"{path} does not exist: put the bundle of a report there, or choose --profile or --reports")
    results, pictures = read_bundle(path)
    if results.profile != profile:
        raise UsageError(f"{path} is a bundle of profile {results.profile}: move it to {reports / results.profile}")
    return results, pictures


def read_results(path: Path) -> ResultsFile:
    """Return the results of an earlier run, from its ``results.json`` or its bundle.

    Args:
        path: The file.

    Raises:
        UsageError: If the file is neither of them, or was written by a newer version.
    """
    if path.suffix == ".zip":
        return read_bundle(path)[0]
    try:
        return _results(path.read_bytes(), path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): give the results.json of a report") from error


def results_json(results: ResultsFile) -> str:
    """Return the text of ``results.json``."""
    return results.model_dump_json(indent=1) + "\n"


def _results(data: bytes, path: Path) -> ResultsFile:
    try:
        results = ResultsFile.model_validate(_parsed(data))
        for cell in results.cells:
            _MEASUREMENTS.validate_python(cell.measurements)
            Case.model_validate({"dataset": cell.dataset, "generator": cell.generator, "mode": cell.mode})
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("schema_version",):
            reason = f"has schema version {one_line(first['input'])}, this suite reads 2 to 4: update the suite"
        else:
            reason = f"holds no results: {first_mistake(error)}"
        raise UsageError(f"{path} {reason}") from error
    if contradicting := contradiction(results):
        raise UsageError(f"{path} contradicts itself: {contradicting}: give the file as the suite wrote it")
    if not _PROFILE.fullmatch(results.profile):
        raise UsageError(f"{path} holds no results: profile {results.profile!r} cannot name a folder")
    return results


def _parsed(data: bytes) -> Any:
    """Parse ``results.json``, with version 2 upgraded; raises ValidationError if it is no JSON."""
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError):
        return ResultsFile.model_validate_json(data)
    try:
        return upgraded(parsed) if isinstance(parsed, dict) else parsed
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError):
        return {**parsed, "schema_version": 4}  # validation names the mistake


def _zip(members: Mapping[str, bytes]) -> bytes:
    """Return a zip without timestamps and owners, so that equal members give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.create_system = 3
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_STORED if name.endswith(".webp") else zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return buffer.getvalue()
