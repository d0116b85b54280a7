"""Comparing the environments that artifacts were built in: device kind and library versions."""

from collections.abc import Iterable, Sequence

from suite.artifacts.manifest import BuiltWith
from suite.results.models import ENVIRONMENT_NOTE


def environment_differences(cell: Sequence[BuiltWith | None], org: Sequence[BuiltWith | None]) -> tuple[str, ...]:
    """Return how the environments of a cell's artifacts differ from those of ``org``.

    Args:
        cell: Environment of each artifact of the cell; None for artifacts that do not record it.
        org: The same for the artifacts of ``org``.

    Returns:
        One sentence for each kind of difference. Empty if nothing differs, or if nothing was recorded on either side.
    """
    recorded_org, recorded_cell = ([built for built in arm if built is not None] for arm in (org, cell))
    if not recorded_org and not recorded_cell:
        return ()
    differences = []
    org_versions, cell_versions = _versions(recorded_org), _versions(recorded_cell)
    releases = [
        f"{library} {_pair(org_versions[library], cell_versions[library])}"
        for library in sorted(org_versions.keys() & cell_versions.keys())
        if len(org_versions[library] | cell_versions[library]) > 1
    ]
    if releases:
        differences.append(f"{ENVIRONMENT_NOTE} were made with different library releases: {', '.join(releases)}")
    org_devices, cell_devices = ({built.device for built in arm} for arm in (recorded_org, recorded_cell))
    if recorded_org and recorded_cell and len(org_devices | cell_devices) > 1:
        pair = _pair(set(org_devices), set(cell_devices))
        differences.append(f"{ENVIRONMENT_NOTE} were made on different device kinds: {pair}")
    unrecorded = [name for name, arm in (("ORG", org), ("this cell", cell)) if None in arm]
    if unrecorded:
        differences.append(
            f"{ENVIRONMENT_NOTE} may differ in library releases or device kind: unknown for older artifacts of "
            f"{' and '.join(unrecorded)}"
        )
    return tuple(differences)


def _versions(environments: Iterable[BuiltWith]) -> dict[str, set[str]]:
    """Return the versions of each library."""
    by_library: dict[str, set[str]] = {}
    for built in environments:
        for library, version in built.versions.items():
            by_library.setdefault(library, set()).add(version)
    return by_library


def _pair(org: set[str], cell: set[str]) -> str:
    return f"{'/'.join(sorted(org))} and {'/'.join(sorted(cell))}"
