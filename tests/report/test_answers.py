"""The answer for each dataset: the strongest statement that its verdicts allow."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from suite.report.answers import answers
from suite.results.models import Cell, Results
from suite.statistics.verdict import Judgement, Verdict


def _judged(cells: tuple[Cell, ...], **verdicts: Verdict) -> tuple[Cell, ...]:
    """Return the digits cells with other verdicts: ``cd_mix=Verdict.HELPS``; cells that are not named are left out."""
    kept = []
    for cell in cells:
        name = f"{cell.generator}_{cell.mode}"
        if cell.dataset != "digits" or (cell.generator and name not in verdicts):
            continue
        judgement = Judgement(verdict=verdicts[name], adjusted_p=0.01, powered=True) if cell.generator else None
        kept.append(cell.model_copy(update={"judgement": judgement}))
    return tuple(kept)


@pytest.mark.parametrize(
    ("verdicts", "expected", "first_words"),
    [
        ({"cd_mix": Verdict.HELPS, "cd_syn": Verdict.HURTS}, Verdict.HELPS, "Yes. cd: its images added"),
        ({"cd_mix": Verdict.TOO_FEW_SEEDS, "cd_syn": Verdict.HURTS}, Verdict.TOO_FEW_SEEDS, "Not decided"),
        ({"cd_mix": Verdict.NO_EVIDENCE, "cd_syn": Verdict.HURTS}, Verdict.NO_EVIDENCE, "No evidence that it helps."),
        ({"biggan_mix": Verdict.HURTS, "cd_syn": Verdict.HURTS}, Verdict.HURTS, "No. It hurts"),
        ({"cd_syn": Verdict.HELPS, "cd_mix": Verdict.TOO_FEW_SEEDS}, Verdict.HELPS, "Yes. cd: its images alone"),
    ],
)
def test_verdict_over_all_comparisons(
    make_results: Callable[..., Results], verdicts: dict[str, Verdict], expected: Verdict, first_words: str
):
    (answer,) = answers(make_results(cells=_judged(make_results().cells, **verdicts)))
    assert answer.verdict is expected
    assert answer.headline.startswith(first_words)


def test_headline_names_the_largest_difference_that_helps(make_results: Callable[..., Results]):
    cells = _judged(make_results().cells, cd_mix=Verdict.TOO_FEW_SEEDS, biggan_mix=Verdict.HELPS)
    (answer,) = answers(make_results(cells=cells))
    assert answer.best is not None
    assert (answer.best.cell.generator, answer.best.cell.mode) == ("biggan", "mix")
    assert f"{answer.best.difference.difference:+.1f}".replace("-", "\N{MINUS SIGN}") in answer.headline


def test_comparisons_are_sorted_by_difference_and_the_best_has_a_cost(results: Results):
    digits = answers(results)[0]
    differences = [comparison.difference.difference for comparison in digits.comparisons]
    assert differences == sorted(differences, reverse=True)
    assert len(digits.comparisons) == 6
    assert (
        digits.cost
        == "55 s to train the generator, 9.4 s to make 1,000 images, 2.0 times the classifier's optimiser steps"
    )


def test_without_comparison_there_is_no_verdict(make_results: Callable[..., Results]):
    cells = tuple(cell for cell in make_results().cells if cell.mode == "org")
    digits, melanoma = answers(make_results(cells=cells))
    assert (digits.verdict, digits.best, digits.comparisons) == (None, None, ())
    assert digits.headline == "Real images alone give 97.6 %; nothing synthetic was compared with them."
    failed = cells[1].model_copy(update={"status": "failed", "mean": None})
    assert answers(make_results(cells=(failed,)))[0].headline == "Nothing was run."
    swept = cells[0].model_copy(update={"variant": "scarcity-10"})
    only = answers(make_results(cells=(failed.model_copy(update={"dataset": swept.dataset}), swept)))[0]
    assert only.headline == "Only sweeps were run on this dataset: see Sweeps."
    assert melanoma.verdict is None


def test_an_undecided_answer_names_what_hurts_and_the_detectable_difference(make_results: Callable[..., Results]):
    cells = _judged(make_results().cells, cd_mix=Verdict.TOO_FEW_SEEDS, cd_syn=Verdict.HURTS, sd_syn=Verdict.HURTS)
    (answer,) = answers(make_results(cells=cells))
    assert "Tested alone, differences from about" in answer.headline
    assert answer.headline.endswith(" cd syn and sd syn hurt.")


def test_a_generator_that_was_trained_once_is_named(make_results: Callable[..., Results]):
    (answer,) = answers(make_results(cells=_judged(make_results().cells, cd_mix=Verdict.HURTS)))
    assert answer.design.startswith(
        "3 classifier seeds, 360 test images; for this generator. Each generator was trained"
    )
    not_trained = tuple(
        cell.model_copy(update={"seconds": {**cell.seconds, "generator": 0.0}})
        for cell in _judged(make_results().cells, cd_mix=Verdict.HURTS)
    )
    (answer,) = answers(make_results(cells=not_trained))
    assert answer.design == "3 classifier seeds, 360 test images; for this generator"


def test_generators_that_were_not_compared_are_named(results: Results):
    digits, melanoma = answers(results)
    assert digits.not_compared == ()
    assert melanoma.not_compared == ("sd",)


def test_differences_by_seed_are_paired_by_classifier_seed(results: Results):
    comparison = answers(results)[0].comparisons[0]
    org = comparison.org.model_copy(update={"accuracies": (90.0, 80.0)})
    one = replace(comparison, org=org, cell=comparison.cell.model_copy(update={"accuracies": (91.0, 78.0)}))
    assert one.by_seed == (1.0, -2.0)
    two = replace(comparison, org=org, cell=comparison.cell.model_copy(update={"accuracies": (91.0, 78.0, 92.0, 83.0)}))
    assert two.by_seed == (1.0, -2.0, 2.0, 3.0), "each generator seed is compared with the same classifiers"
    assert replace(comparison, org=org.model_copy(update={"accuracies": ()})).by_seed == (), (
        "org itself was not selected"
    )


def test_the_answer_names_the_variants_that_help(make_results: Callable[..., Results], swept: Results):
    def with_verdict(verdict: Verdict) -> str:
        cells = (
            cell.model_copy(update={"judgement": cell.judgement.model_copy(update={"verdict": verdict})})
            if cell.variant and cell.judgement
            else cell
            for cell in swept.cells
            if cell.variant in (None, "scarcity-10", "scarcity-25")
        )
        return answers(make_results(cells=tuple(cells)))[0].swept

    assert answers(make_results())[0].swept == ""
    assert with_verdict(Verdict.HURTS) == "none of 2 that were compared helped"
    assert with_verdict(Verdict.HELPS) == (
        "2 of 2 that were compared helped: cd mix scarcity-25 (+5.5), cd mix scarcity-10 (+5.0)"
    )
