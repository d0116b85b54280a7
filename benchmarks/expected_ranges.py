"""Compute the expected ranges of ``cases/*.toml`` from a run on the validation split.

    pytest cases/ --profile smoke --evaluate validation --seeds 5
    python benchmarks/expected_ranges.py reports/smoke/results.json

A range is the mean over seeds plus or minus the largest of: four standard deviations of a single seed; 3 points; three
times the sampling error of the validation images. The last term is needed because validation images are few, and the
range must also hold for the test images and for runs with fewer seeds. A mean outside the range is an error in the
suite or in the machine, not bad luck.
"""

import argparse
from collections import defaultdict
from math import ceil, floor, sqrt
from pathlib import Path
from statistics import stdev

from suite.results.models import Cell, ResultsFile


def main() -> None:
    """Print the ranges of each dataset as TOML."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="results.json of a run with --evaluate validation")
    results = ResultsFile.model_validate_json(parser.parse_args().results.read_bytes())
    if results.evaluate != "validation":
        parser.error("ranges must come from the validation split: run the cases with --evaluate validation")
    ranges: dict[str, list[str]] = defaultdict(list)
    for cell in results.cells:
        if cell.status == "done" and cell.variant is None:
            name = f"{cell.generator}-{cell.mode}" if cell.generator else cell.mode
            ranges[cell.dataset].append("{} = [{}, {}]".format(name, *expected_range(cell)))
    for dataset, lines in ranges.items():
        print(f"# cases/{dataset}.toml", f"[expected.{results.profile}]", *lines, "", sep="\n")


def expected_range(cell: Cell) -> tuple[int, int]:
    """Return the range in which a cell's mean accuracy should be, in whole percent."""
    assert cell.mean is not None
    assert cell.counts is not None
    share = cell.mean / 100
    image_error = 100 * sqrt(share * (1 - share) / sum(cell.counts.evaluation))
    half = max(3.0, 4 * stdev(cell.accuracies), 3 * image_error)
    return max(0, floor(cell.mean - half)), min(100, ceil(cell.mean + half))


if __name__ == "__main__":
    main()
