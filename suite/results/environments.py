"""Comparing the environments that artifacts were built in: device kind and library versions."""

from collections.abc import Iterable, Sequence

from suite.artifacts.manifest import BuiltWith


def environment_differences(cell: Sequence[BuiltWith | None], org: Sequence[BuiltWith | None]) -> str:
    """Return how the environments of a cell's artifacts differ from those of ``org``, or may differ.

    Args:
        cell: Environment of each artifact of the cell; None for artifacts that do not record it.
        org: The same for the artifacts of ``org``.

    Returns:
        The differences, joined by semicolons; empty if the environments are known and equal.
    """
    recorded_org, recorded_cell = ([built for built in arm if built is not None] for arm in (org, cell))
    org_versions, cell_versions = _versions(recorded_org), _versions(recorded_cell)
    releases = [
        f"{library} {_pair(org_versions[library], cell_versions[library])}"
        for library in sorted(org_versions.keys() & cell_versions.keys())
        if len(org_versions[library] | cell_versions[library]) > 1
    ]
    differences = []
    if releases:
        differences.append(f"ORG and this cell were made with different library releases: {', '.join(releases)}")
    org_devices, cell_devices = ({built.device for built in arm} for arm in (recorded_org, recorded_cell))
    if recorded_org and recorded_cell and len(org_devices | cell_devices) > 1:
        pair = _pair(set(org_devices), set(cell_devices))
        differences.append(f"ORG and this cell were made on different device kinds: {pair}")
    unrecorded = [name for name, arm in (("ORG", org), ("this cell", cell)) if None in arm]
    if unrecorded:
        differences.append(
            "ORG and this cell may differ in library releases or device kind: unknown for older artifacts of "
            f"{' and '.join(unrecorded)}"
        )
    return "; ".join(differences)


def _versions(environments: Iterable[BuiltWith]) -> dict[str, set[str]]:
    """Return the versions of each library."""
    by_library: dict[str, set[str]] = {}
    for built in environments:
        for library, version in built.versions.items():
            by_library.setdefault(library, set()).add(version)
    return by_library


def _pair(org: set[str], cell: set[str]) -> str:
    return f"{'/'.join(sorted(org))} and {'/'.join(sorted(cell))}"
