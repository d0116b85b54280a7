"""The answer for each dataset: one sentence, taken from its MIX cells."""

from collections.abc import Callable
from typing import Any

import pytest
from sample_results import judged, not_valid

from suite.generators.generator import REAL_IMAGES
from suite.report.answers import Answer, answers, failed_on
from suite.report.numbers import MINUS
from suite.report.tables import table1
from suite.results.models import Cell, ResultsFile
from suite.statistics.summaries import Verdict

MakeResults = Callable[..., ResultsFile]
HELPS = {"verdict": Verdict.HELPS, "difference": 1.3, "interval": (0.5, 2.1)}
HURTS = {"verdict": Verdict.HURTS, "difference": -1.3, "interval": (-2.1, -0.5)}
SAME = {"verdict": Verdict.NO_PRACTICAL_DIFFERENCE, "difference": 0.2, "interval": (-0.4, 0.8)}
MORE_SEEDS = {
    "verdict": Verdict.UNDECIDED,
    "difference": 0.9,
    "reason": "about 7 more seeds would decide",
    "more_seeds": 7,
}
STOPPED = {
    "verdict": Verdict.UNDECIDED,
    "difference": -0.5,
    "reason": "357 test images cannot show less than about 2.5 points",
    "cannot_show_less_than": 2.5,
}
COPIES = {
    "verdict": Verdict.NOT_VALID,
    "difference": 5.0,
    "reason": "394 of 394 test images are among the synthetic ones",
}
OTHER_LIBRARY = {**COPIES, "difference": 4.0, "reason": "ORG and this cell were made with other library releases"}


def digits(make_results: MakeResults, **verdicts: dict[str, Any]) -> ResultsFile:
    """Return results with the digits cells that are named, such as ``cd_mix``, their differences and verdicts."""
    cells = []
    for cell in make_results().cells:
        name = f"{cell.generator}_{cell.mode}"
        if cell.dataset == "digits" and name in verdicts:
            fields = dict(verdicts[name])
            comparison = cell.comparison and cell.comparison.model_copy(update={"difference": fields.pop("difference")})
            cells.append(judged(cell.model_copy(update={"comparison": comparison}), **fields))
        elif cell.dataset == "digits" and cell.mode == "org":
            cells.append(cell)
    return make_results(cells=tuple(cells))


def answer_to(make_results: MakeResults, **verdicts: dict[str, Any]) -> Answer:
    (answer,) = answers(digits(make_results, **verdicts))
    return answer


def changed(results: ResultsFile, change: Callable[[Cell], Cell]) -> ResultsFile:
    return results.model_copy(update={"cells": tuple(map(change, results.cells))})


@pytest.mark.parametrize(
    ("verdict", "headline"),
    [
        (HELPS, "Yes: adding CD's images gains 1.3 points (0.5 to 2.1)."),
        (HURTS, "No: adding CD's images costs 1.3 points (0.5 to 2.1)."),
        (
            SAME,
            f"No practical difference: adding CD's images changes accuracy by +0.2 points ({MINUS}0.4 to +0.8), within"
            " 1 point.",
        ),
        (MORE_SEEDS, "Undecided: about 7 more seeds, 5 minutes, would decide it."),
        (STOPPED, "Undecided: 357 test images cannot show less than about 2.5 points."),
        (COPIES, "Not valid: 394 of 394 test images are among the synthetic ones."),
    ],
)
def test_sentence_about_one_generator(make_results: MakeResults, verdict: dict[str, Any], headline: str):
    answer = answer_to(make_results, cd_mix=verdict)
    assert (answer.verdict, answer.headline) == (verdict["verdict"], headline)


@pytest.mark.parametrize(
    ("verdict", "headline"),
    [
        (HELPS, "Yes: training on CD's images alone gains 1.3 points (0.5 to 2.1)."),
        (HURTS, "No: training on CD's images alone costs 1.3 points (0.5 to 2.1)."),
    ],
)
def test_syn_is_the_answer_only_without_mix(make_results: MakeResults, verdict: dict[str, Any], headline: str):
    assert answer_to(make_results, cd_syn=verdict).headline == headline
    assert answer_to(make_results, cd_syn=verdict, sd_mix=MORE_SEEDS).verdict is Verdict.UNDECIDED
    with_mix = answer_to(make_results, cd_syn=MORE_SEEDS, sd_mix=HURTS)
    assert with_mix.headline == "No: adding SD's images costs 1.3 points (0.5 to 2.1)."
    assert with_mix.verdict is Verdict.HURTS, "an undecided SYN cell does not make the dataset undecided"


MORE_HELP = {"verdict": Verdict.HELPS, "difference": 2.0, "interval": (1.0, 3.0)}
LESS_HURT = {"verdict": Verdict.HURTS, "difference": -1.0, "interval": (-1.8, -0.2)}


@pytest.mark.parametrize(
    ("verdicts", "word", "headline"),
    [
        (
            {"cd_mix": HELPS, "sd_mix": HURTS, "biggan_mix": STOPPED},
            Verdict.HELPS,
            "Yes: adding CD's images gains 1.3 points (0.5 to 2.1); 1 of 3 generators tried helps.",
        ),
        (
            {"cd_mix": HELPS, "sd_mix": MORE_HELP, "biggan_mix": {**STOPPED, "difference": 4.0}},
            Verdict.HELPS,
            "Yes: adding SD's images gains 2.0 points (1.0 to 3.0); 2 of 3 generators tried help.",
        ),
        (
            {"cd_mix": HURTS, "sd_mix": LESS_HURT},
            Verdict.HURTS,
            "No: adding SD's or CD's images costs accuracy, SD's least: 1.0 points (0.2 to 1.8).",
        ),
        (
            {"cd_mix": SAME, "sd_mix": {**SAME, "difference": 0.1}},
            Verdict.NO_PRACTICAL_DIFFERENCE,
            "No practical difference: adding CD's or SD's images changes accuracy by less than 1 point.",
        ),
        (
            {"cd_mix": SAME, "sd_mix": HURTS, "biggan_mix": LESS_HURT},
            Verdict.NO_PRACTICAL_DIFFERENCE,
            f"No practical difference: adding CD's images changes accuracy by +0.2 points ({MINUS}0.4 to +0.8), within"
            " 1 point; BIGGAN and SD hurt.",
        ),
        (
            {"cd_mix": MORE_SEEDS, "sd_mix": HURTS, "biggan_mix": SAME},
            Verdict.UNDECIDED,
            "Undecided for CD: about 7 more seeds, 5 minutes, would decide it; BIGGAN makes no practical difference;"
            " SD hurts.",
        ),
        (
            {"cd_mix": STOPPED, "sd_mix": STOPPED},
            Verdict.UNDECIDED,
            "Undecided for SD and CD: 357 test images cannot show less than about 2.5 points.",
        ),
        (
            {"cd_mix": MORE_SEEDS, "sd_mix": STOPPED},
            Verdict.UNDECIDED,
            "Undecided for CD: about 7 more seeds, 5 minutes, would decide it; for SD: 357 test images cannot show less"
            " than about 2.5 points.",
        ),
        (
            {"cd_mix": COPIES, "sd_mix": HELPS, "biggan_mix": OTHER_LIBRARY},
            Verdict.NOT_VALID,
            "Not valid for CD: 394 of 394 test images are among the synthetic ones; for BIGGAN: ORG and this cell were"
            " made with other library releases. Yes: adding SD's images gains 1.3 points (0.5 to 2.1); 1 of 3"
            " generators tried helps.",
        ),
        (
            {"cd_mix": COPIES, "sd_mix": COPIES},
            Verdict.NOT_VALID,
            "Not valid for SD and CD: 394 of 394 test images are among the synthetic ones.",
        ),
    ],
)
def test_sentence_about_several_generators(
    make_results: MakeResults, verdicts: dict[str, dict[str, Any]], word: Verdict, headline: str
):
    answer = answer_to(make_results, **verdicts)
    assert (answer.verdict, answer.headline) == (word, headline)


def test_time_of_more_seeds_is_that_of_both_arms_and_left_out_if_unknown(make_results: MakeResults):
    results = digits(make_results, cd_mix=MORE_SEEDS)
    longer = changed(results, lambda cell: cell.model_copy(update={"seconds": {"classifiers": 5 * 300.0}}))
    assert answers(longer)[0].headline == "Undecided: about 7 more seeds, 70 minutes, would decide it."
    unknown = changed(results, lambda cell: cell.model_copy(update={"seconds": {}} if cell.mode == "org" else {}))
    assert answers(unknown)[0].headline == "Undecided: about 7 more seeds would decide it."


def test_below_the_first_look_the_answer_says_what_a_verdict_needs(make_results: MakeResults):
    few = {**MORE_SEEDS, "seeds": 3, "more_seeds": 2, "reason": "a verdict needs 5 seeds", "interval": None}
    assert answer_to(make_results, cd_mix=few).headline == "Undecided: a verdict needs 5 seeds: 2 more, 89 seconds."


def test_undecided_without_a_number_of_seeds_gives_its_reason(make_results: MakeResults):
    never = {**MORE_SEEDS, "more_seeds": None, "reason": "no number of seeds was found that would decide"}
    headline = "Undecided: no number of seeds was found that would decide."
    assert answer_to(make_results, cd_mix=never).headline == headline


@pytest.mark.parametrize(
    ("verdict", "headline"),
    [
        (HELPS, "Yes (old procedure): adding CD's images gains 1.3 points (0.5 to 2.1)."),
        (HURTS, "No (old procedure): adding CD's images costs 1.3 points (0.5 to 2.1)."),
        (
            SAME,
            "No practical difference (old procedure): adding CD's images changes accuracy by +0.2 points"
            f" ({MINUS}0.4 to +0.8).",
        ),
        ({"verdict": Verdict.UNDECIDED, "difference": 0.2}, "Undecided (old procedure)."),
    ],
)
def test_old_verdicts_say_so(make_results: MakeResults, verdict: dict[str, Any], headline: str):
    old = {**verdict, "old_procedure": True, "smallest_effect": None, "level": None, "seeds": None}
    assert answer_to(make_results, cd_mix=old).headline == headline


def test_an_interval_that_is_not_known_is_left_out(make_results: MakeResults):
    answer = answer_to(make_results, cd_mix={**HELPS, "interval": None, "old_procedure": True})
    assert answer.headline == "Yes (old procedure): adding CD's images gains 1.3 points."
    answer = answer_to(make_results, cd_mix={**SAME, "interval": None})
    assert answer.headline.endswith("changes accuracy by +0.2 points, within 1 point.")


def test_cells_that_are_not_valid_and_not_in_the_headline_are_listed(make_results: MakeResults):
    results = digits(make_results, cd_mix=HELPS, cd_syn=COPIES, sd_syn=COPIES)
    variant = not_valid(make_results().cells[1].model_copy(update={"variant": "ratio-2"}), "other devices")
    (answer,) = answers(results.model_copy(update={"cells": (*results.cells, variant)}))
    assert answer.verdict is Verdict.HELPS
    assert answer.not_valid == (
        "digits-sd-syn, digits-cd-syn: 394 of 394 test images are among the synthetic ones",
        "digits-sd-syn-ratio-2: other devices",
    )
    assert answer_to(make_results, cd_mix=COPIES).not_valid == (), "the headline has it"


def test_runs_fail_on_the_cells_of_the_answer(make_results: MakeResults):
    results = digits(make_results, cd_mix=HURTS, sd_mix=STOPPED, biggan_mix=COPIES, cd_syn=HURTS, sd_syn=COPIES)
    assert failed_on(results, ("hurts",)) == ("digits-cd-mix: hurts",)
    assert failed_on(results, ("undecided", "not-valid")) == (
        "digits-sd-mix: undecided",
        "digits-biggan-mix: not valid",
    )
    assert failed_on(results, ()) == ()
    variants = tuple(cell.model_copy(update={"variant": "ratio-2"}) for cell in results.cells if cell.generator)
    assert failed_on(results.model_copy(update={"cells": (results.cells[0], *variants)}), ("hurts",)) == ()


def test_without_mix_a_run_fails_on_syn(make_results: MakeResults):
    assert failed_on(digits(make_results, cd_syn=HURTS), ("hurts",)) == ("digits-cd-syn: hurts",)


def test_comparisons_are_sorted_by_difference_and_the_main_cell_has_a_cost(results: ResultsFile):
    answer = answers(results)[0]
    differences = [comparison.difference.difference for comparison in answer.comparisons]
    assert differences == sorted(differences, reverse=True)
    assert len(answer.comparisons) == 6
    assert answer.main is not None
    assert answer.main.cell.case.id == "digits-cd-mix"
    assert (
        answer.cost
        == "55 s to train the generator, 9.4 s to make 1,000 images, 2.0 times the classifier's optimiser steps"
    )


def test_cost_is_that_of_the_generator_that_helps(make_results: MakeResults):
    answer = answer_to(make_results, cd_mix={**STOPPED, "difference": 9.0}, biggan_mix=HELPS)
    assert answer.main is not None
    assert answer.main.cell.generator == "biggan"


def test_without_comparison_there_is_no_verdict(make_results: MakeResults):
    cells = tuple(cell for cell in make_results().cells if cell.mode == "org")
    digits_answer, melanoma = answers(make_results(cells=cells))
    assert (digits_answer.verdict, digits_answer.main, digits_answer.comparisons) == (None, None, ())
    assert digits_answer.headline == "Real images alone give 97.7 %; nothing synthetic was compared with them."
    failed = cells[1].model_copy(update={"status": "failed", "mean": None})
    assert answers(make_results(cells=(failed,)))[0].headline == "Nothing was run."
    swept = cells[0].model_copy(update={"variant": "scarcity-10"})
    only = answers(make_results(cells=(failed.model_copy(update={"dataset": swept.dataset}), swept)))[0]
    assert only.headline == "Only sweeps were run on this dataset: see Sweeps."
    assert melanoma.verdict is None


def test_claim_is_about_this_trained_generator(make_results: MakeResults):
    results = digits(make_results, cd_mix=HURTS)
    again = "each generator was trained once, and no interval covers what training it again would change"
    varied = "5 classifier seeds, 360 test images"
    assert answers(results)[0].claim == f"{varied}; for this trained generator: {again}"
    folder = changed(results, lambda cell: cell.model_copy(update={"seconds": {**cell.seconds, "generator": 0.0}}))
    assert answers(folder)[0].claim == f"{varied}; for these synthetic images"


def test_claim_names_generator_seeds_groups_and_resampling(make_results: MakeResults):
    def with_comparison(**fields: object) -> str:
        def change(cell: Cell) -> Cell:
            return cell.model_copy(update={"comparison": cell.comparison and cell.comparison.model_copy(update=fields)})

        return answers(changed(digits(make_results, cd_mix=HURTS), change))[0].claim

    varied = "5 classifier seeds, 360 test images"
    assert with_comparison(n_generator_seeds=5) == f"{varied}; a generator trained for each classifier seed"
    assert with_comparison(n_groups=195).startswith(f"{varied} in 195 groups; for this trained generator")
    assert answer_to(make_results, cd_mix={**HURTS, "seeds": None}).claim == (
        "resampled training images, 360 test images; for other training sets of this kind"
    )


def test_generators_that_were_not_compared_are_named(results: ResultsFile):
    digits_answer, melanoma = answers(results)
    assert digits_answer.not_compared == ()
    assert melanoma.not_compared == ("sd",)


def test_the_answer_names_the_variants_that_help(make_results: MakeResults, swept: ResultsFile):
    def with_verdict(verdict: Verdict) -> str:
        cells = (
            judged(cell, verdict) if cell.variant and cell.judgement else cell
            for cell in swept.cells
            if cell.variant in (None, "scarcity-10", "scarcity-25")
        )
        return answers(make_results(cells=tuple(cells)))[0].swept

    assert answers(make_results())[0].swept == ""
    assert with_verdict(Verdict.HURTS) == "none of 2 that were compared helped"
    assert with_verdict(Verdict.HELPS) == (
        "2 of 2 that were compared helped: cd mix scarcity-25 (+5.4), cd mix scarcity-10 (+4.9)"
    )


def test_the_ceiling_is_no_answer_and_stands_beside_it(make_results: MakeResults):
    def as_ceiling(cell: Cell) -> Cell:
        return cell.model_copy(update={"trained_on": REAL_IMAGES}) if cell.generator == "sd" else cell

    results = changed(digits(make_results, cd_mix=SAME, sd_mix=MORE_HELP, sd_syn=MORE_HELP), as_ceiling)
    (answer,) = answers(results)
    assert answer.verdict is Verdict.NO_PRACTICAL_DIFFERENCE
    assert [one.cell.generator for one in answer.comparisons] == ["sd", "sd", "cd"]
    assert answer.ceiling.endswith(" new real images instead: +2.0 [+1.0, +3.0]")
    assert failed_on(results, ["helps"]) == ()
    table = table1(results, best="*{}*")
    assert [column for column, text in zip(table.head, table.rows[0], strict=True) if "*" in text] != ["MIX_SD (Acc)"]
    (alone,) = answers(changed(digits(make_results, sd_mix=MORE_HELP), as_ceiling))
    assert (alone.verdict, alone.ceiling) == (None, "")
