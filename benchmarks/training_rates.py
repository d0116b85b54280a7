"""Measure the trainings of profile ``cpu`` on one core: time of a step, and share of the machine's matrix rate.

    python benchmarks/training_rates.py

Each training is measured once for a few hundred steps, on noise, with a matrix product of one thread before and after.
"""

import tempfile
from pathlib import Path

import torch
from gpu_parts import Options, matrix_rate
from gpu_parts.speed import CHANGES, Speed
from tabulate import tabulate

SIDE = 1024  # of the matrices


def main() -> None:
    """Measure the classifier and both generators, and print a table."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        torch.set_num_threads(1)
        speed = Speed(Options(Path(folder), device="cpu"), "cpu", ("cd", "biggan"))
        before = matrix_rate("cpu", SIDE, torch.float32)
        for step in CHANGES:
            measured = speed.measure(step)
            after = matrix_rate("cpu", SIDE, torch.float32)
            rate, machine = measured["TFLOP/s"] * 1e3, (before + after) / 2e9
            rows.append((step, measured["images/s"], rate, machine, f"{rate / machine:.0%}"))
            before = after
    head = ("training", "images/s", "GFLOP/s", "matrix product, GFLOP/s", "share")
    print(tabulate(rows, head, tablefmt="github", floatfmt=".0f"))


if __name__ == "__main__":
    main()
