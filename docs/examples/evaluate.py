"""Evaluate two synthetic sets, and compare with an earlier run."""

from pathlib import Path

import suite


def evaluate(real: Path, generated: dict[str, Path], earlier: Path | None = None) -> suite.Results:
    """Print the answer, the sets that help, and what changed since an earlier run."""
    results = suite.evaluate(real, generated, profile="smoke", note="evaluated by a script")
    print(results.answer)
    for row in results.table:
        if row["mode"] == "mix" and row["verdict"] == "helps":
            print(f"{row['generator']}: {row['difference']:+.1f} [{row['low']:+.1f}, {row['high']:+.1f}] points")
    if earlier is not None:
        print(suite.compare(suite.load(earlier), results))
    print(results.page)
    return results
