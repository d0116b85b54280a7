"""The answer for each dataset: the strongest thing that may be said, and no more."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from suite.report.answers import answers
from suite.results.models import Cell, Results
from suite.statistics.verdict import Judgement, Verdict


def _judged(cells: tuple[Cell, ...], **verdicts: Verdict) -> tuple[Cell, ...]:
    """Return the digits cells with other verdicts: ``cd_mix=Verdict.HELPS``; those not named are left out."""
    kept = []
    for cell in cells:
        name = f"{cell.generator}_{cell.mode}"
        if cell.dataset != "digits" or (cell.generator and name not in verdicts):
            continue
        judgement = Judgement(verdict=verdicts[name], adjusted_p=0.01, powered=True) if cell.generator else None
        kept.append(cell.model_copy(update={"judgement": judgement}))
    return tuple(kept)


@pytest.mark.parametrize(
    ("verdicts", "said", "first_words"),
    [
        ({"cd_mix": Verdict.HELPS, "cd_syn": Verdict.HURTS}, Verdict.HELPS, "Yes. cd: its images added"),
        ({"cd_mix": Verdict.TOO_FEW_SEEDS, "cd_syn": Verdict.HURTS}, Verdict.TOO_FEW_SEEDS, "Not decided"),
        ({"cd_mix": Verdict.NO_EVIDENCE, "cd_syn": Verdict.HURTS}, Verdict.NO_EVIDENCE, "No evidence that it helps."),
        ({"biggan_mix": Verdict.HURTS, "cd_syn": Verdict.HURTS}, Verdict.HURTS, "No. It hurts"),
        ({"cd_syn": Verdict.HELPS, "cd_mix": Verdict.TOO_FEW_SEEDS}, Verdict.HELPS, "Yes. cd: its images alone"),
    ],
)
def test_verdict_over_all_ways(
    make_results: Callable[..., Results], verdicts: dict[str, Verdict], said: Verdict, first_words: str
):
    (answer,) = answers(make_results(cells=_judged(make_results().cells, **verdicts)))
    assert answer.verdict is said
    assert answer.headline.startswith(first_words)


def test_headline_names_the_difference_of_the_best_way_that_helps(make_results: Callable[..., Results]):
    cells = _judged(make_results().cells, cd_mix=Verdict.TOO_FEW_SEEDS, biggan_mix=Verdict.HELPS)
    (answer,) = answers(make_results(cells=cells))
    assert answer.best is not None
    assert (answer.best.cell.generator, answer.best.cell.mode) == ("biggan", "mix")
    assert f"{answer.best.difference.difference:+.1f}".replace("-", "\N{MINUS SIGN}") in answer.headline


def test_ways_stand_best_first_with_their_cost(results: Results):
    digits = answers(results)[0]
    differences = [way.difference.difference for way in digits.ways]
    assert differences == sorted(differences, reverse=True)
    assert len(digits.ways) == 6
    assert (
        digits.cost
        == "55 s to train the generator, 9.4 s to make 1,000 images, 2.0 times the classifier's optimiser steps"
    )


def test_without_comparison_nothing_is_claimed(make_results: Callable[..., Results]):
    cells = tuple(cell for cell in make_results().cells if cell.mode == "org")
    digits, melanoma = answers(make_results(cells=cells))
    assert (digits.verdict, digits.best, digits.ways) == (None, None, ())
    assert digits.headline == "Real images alone give 97.6 %; nothing synthetic was compared with them."
    lost = cells[1].model_copy(update={"status": "failed", "mean": None})
    assert answers(make_results(cells=(lost,)))[0].headline == "Nothing was run."
    swept = cells[0].model_copy(update={"variant": "scarcity-10"})
    only = answers(make_results(cells=(lost.model_copy(update={"dataset": swept.dataset}), swept)))[0]
    assert only.headline == "Of this dataset sweeps alone were run: see there."
    assert melanoma.verdict is None


def test_an_undecided_answer_says_what_hurts_and_how_little_it_could_have_found(make_results: Callable[..., Results]):
    cells = _judged(make_results().cells, cd_mix=Verdict.TOO_FEW_SEEDS, cd_syn=Verdict.HURTS, sd_syn=Verdict.HURTS)
    (answer,) = answers(make_results(cells=cells))
    assert "Tested alone, differences from about" in answer.headline
    assert answer.headline.endswith(" cd syn and sd syn hurt.")


def test_one_training_of_a_generator_is_called_one(make_results: Callable[..., Results]):
    (answer,) = answers(make_results(cells=_judged(make_results().cells, cd_mix=Verdict.HURTS)))
    assert answer.sure.startswith("3 classifier seeds, 360 test images; for this generator. Each generator was trained")
    existing = tuple(
        cell.model_copy(update={"seconds": {**cell.seconds, "generator": 0.0}})
        for cell in _judged(make_results().cells, cd_mix=Verdict.HURTS)
    )
    (answer,) = answers(make_results(cells=existing))
    assert answer.sure == "3 classifier seeds, 360 test images; for this generator"


def test_generators_that_were_not_tried_are_named(results: Results):
    digits, melanoma = answers(results)
    assert digits.untried == ()
    assert melanoma.untried == ("sd",)


def test_differences_of_the_seeds_are_those_of_the_same_seeds(results: Results):
    way = answers(results)[0].ways[0]
    org = way.org.model_copy(update={"accuracies": (90.0, 80.0)})
    one = replace(way, org=org, cell=way.cell.model_copy(update={"accuracies": (91.0, 78.0)}))
    assert one.by_seed == (1.0, -2.0)
    two = replace(way, org=org, cell=way.cell.model_copy(update={"accuracies": (91.0, 78.0, 92.0, 83.0)}))
    assert two.by_seed == (1.0, -2.0, 2.0, 3.0), "each generator seed is compared with the same classifiers"
    assert replace(way, org=org.model_copy(update={"accuracies": ()})).by_seed == (), "org itself was not asked for"


def test_what_helps_in_a_sweep_is_said_in_the_answer(make_results: Callable[..., Results], swept: Results):
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
