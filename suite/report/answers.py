"""The answer for each dataset: does synthetic data help, by how much, how certain is it, and at what cost?"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from suite.report.audit_view import wrong_images
from suite.report.comparisons import (
    Compared,
    compared,
    considered,
    difference_text,
    is_ceiling,
    is_valid,
    not_valid,
    verdict_detail,
)
from suite.report.costs import images_made
from suite.report.numbers import count, duration, duration_in_words, points, span
from suite.report.subgroup_tables import hidden_by_average
from suite.results.models import Cell, ResultsFile
from suite.statistics.looks import LOOKS
from suite.statistics.summaries import Verdict

VARIANTS_NAMED = 3
SUBJECTS = {"mix": "adding {}", "syn": "training on {} alone"}


@dataclass(frozen=True)
class Answer:
    """The answer for one dataset.

    Attributes:
        dataset: Its name.
        verdict: The verdict that the headline begins with; None if nothing was compared.
        headline: One sentence, taken from the MIX cells, or from the SYN cells where there is no MIX cell.
        main: The considered comparison that helps most, or else has the largest difference; None if nothing was
            compared.
        claim: What the verdicts are about; empty if nothing was compared.
        cost: What the cell of ``main`` cost; empty if nothing was compared.
        hidden: Classes and groups that do not follow the average, a sentence for each cell of the headline.
        worth: How many further real images have the effect of each generator's images; empty if it was not estimated.
        ceiling: What as many new real images would give; empty if that was not compared.
        comparisons: Every cell of Table 1 that was compared, in descending order of the difference.
        not_valid: Cells of the dataset that are not valid and that the headline does not name, with the reason.
        not_compared: Generators of Table 1 of which no cell was compared.
        wrong_images: What is wrong with synthetic images, one sentence a generator.
        swept: How many variants of the dataset's sweeps help, and which; empty if none was compared.
    """

    dataset: str
    verdict: Verdict | None
    headline: str
    main: Compared | None = None
    claim: str = ""
    cost: str = ""
    hidden: tuple[str, ...] = ()
    worth: str = ""
    ceiling: str = ""
    comparisons: tuple[Compared, ...] = ()
    not_valid: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    wrong_images: tuple[str, ...] = ()
    swept: str = ""


def answers(results: ResultsFile) -> tuple[Answer, ...]:
    """Return the answer for each dataset, from the cells of Table 1."""
    return tuple(_answer(name, cells, _worth(results, name)) for name, cells in _by_dataset(results).items())


def failed_on(results: ResultsFile, words: Collection[str]) -> tuple[str, ...]:
    """Return the cells that answers are taken from whose verdict is one of ``words``, as ``digits-cd-mix: hurts``.

    Args:
        results: The results of a run.
        words: Verdicts with hyphens instead of spaces: ``hurts``, ``undecided``, ``not-valid``.
    """
    return tuple(
        f"{one.cell.case.id}: {one.judgement.verdict}"
        for cells in _by_dataset(results).values()
        for one in considered(compared(cells))
        if one.judgement.verdict.replace(" ", "-") in words
    )


def _by_dataset(results: ResultsFile) -> dict[str, list[Cell]]:
    cells: dict[str, list[Cell]] = {}
    for cell in results.cells:
        cells.setdefault(cell.dataset, []).append(cell)
    return cells


def _answer(dataset: str, cells: list[Cell], worth: str) -> Answer:
    comparisons = sorted(compared(cells), key=lambda one: -one.difference.difference)
    used = considered(comparisons)
    in_headline = {one.cell.case.id for one in used}
    invalid = not_valid(cell for cell in cells if cell.case.id not in in_headline)
    if not used:
        wrong, swept = wrong_images(cells), _swept(cells)
        return Answer(dataset, None, _nothing_compared(cells), not_valid=invalid, wrong_images=wrong, swept=swept)
    verdict, headline = _conclusion(used)
    generators = dict.fromkeys(cell.generator for cell in cells if cell.generator and cell.variant is None)
    compared_generators = {one.cell.generator for one in comparisons}
    main = next((one for one in used if one.judgement.verdict is Verdict.HELPS), used[0])
    return Answer(
        dataset=dataset,
        verdict=verdict,
        headline=headline,
        main=main,
        claim=_claim(used),
        cost=_cost(main),
        hidden=hidden_by_average(used),
        worth=worth,
        ceiling=_ceiling(comparisons),
        comparisons=tuple(comparisons),
        not_valid=invalid,
        not_compared=tuple(name for name in generators if name not in compared_generators),
        wrong_images=wrong_images(cells),
        swept=_swept(cells),
    )


def _conclusion(used: Sequence[Compared]) -> tuple[Verdict, str]:
    """Return the verdict and the sentence on the considered comparisons, which descend by their difference."""
    groups = {
        verdict: of_verdict
        for verdict in (Verdict.HELPS, Verdict.UNDECIDED, Verdict.NO_PRACTICAL_DIFFERENCE, Verdict.HURTS)
        if (of_verdict := [one for one in used if one.judgement.verdict is verdict])
    }
    verdicts, sentences = list(groups), []
    if invalid := [one for one in used if not is_valid(one.cell)]:
        reasons = [(one.generator, one.judgement.reason) for one in invalid]
        sentences.append(_statements("Not valid", reasons, named=len(used) > 1))
        verdicts.insert(0, Verdict.NOT_VALID)
    if groups:
        (verdict, group), *others = groups.items()
        parts = [_sentence(verdict, group, len(used))]
        if verdict is not Verdict.HELPS:
            parts += [_briefly(word, of_word) for word, of_word in others]
        sentences.append("; ".join(parts))
    return verdicts[0], " ".join(f"{sentence}." for sentence in sentences)


def _sentence(verdict: Verdict, group: Sequence[Compared], tried: int) -> str:
    """Return the sentence about the cells of one verdict, without its full stop.

    Args:
        verdict: The most favourable verdict of the dataset.
        group: The cells that have it, in descending order of the difference.
        tried: Number of cells considered.
    """
    first, old = group[0], " (old procedure)" if group[0].judgement.old_procedure else ""
    if verdict is Verdict.HELPS:
        helping = f"; {len(group)} of {tried} generators tried {'help' if len(group) > 1 else 'helps'}"
        return f"Yes{old}: {_subject([first])} gains {_size(first)}{helping if tried > 1 else ''}"
    if verdict is Verdict.UNDECIDED:
        needed = [(one.generator, _what_would_decide(one)) for one in group]
        return _statements(f"Undecided{old}", needed, named=tried > 1)
    if verdict is Verdict.HURTS:
        least = f"accuracy, {first.generator}'s least: " if len(group) > 1 else ""
        return f"No{old}: {_subject(group)} costs {least}{_size(first)}"
    smallest = first.judgement.smallest_effect
    limit = "" if smallest is None else f"{smallest:g} {'point' if smallest == 1 else 'points'}"
    start = f"No practical difference{old}: {_subject(group)} changes accuracy"
    if len(group) == 1:
        interval = first.judgement.interval
        change = f"by {points(first.difference.difference)} points{f' ({span(interval)})' if interval else ''}"
        return f"{start} {change}{f', within {limit}' if limit else ''}"
    return f"{start} {f'by less than {limit}' if limit else 'little'}"


def _briefly(verdict: Verdict, group: Sequence[Compared]) -> str:
    names = _joined([one.generator for one in group])
    if verdict is Verdict.HURTS:
        return f"{names} {'hurt' if len(group) > 1 else 'hurts'}"
    return f"{names} {'make' if len(group) > 1 else 'makes'} no practical difference"


def _statements(word: str, statements: Iterable[tuple[str, str]], *, named: bool) -> str:
    """Return ``word`` with each statement once, after the generators that it is about if they are to be named."""
    names: dict[str, list[str]] = {}
    for generator, statement in statements:
        names.setdefault(statement, []).append(generator)
    parts = []
    for statement, of_statement in names.items():
        subject = f" for {_joined(of_statement)}" if named else ""
        parts.append(f"{subject}: {statement}" if statement else subject)
    return word + ";".join(parts)


def _what_would_decide(one: Compared) -> str:
    """Return the reason of an undecided verdict, with the time that more seeds would take where it is known."""
    judgement = one.judgement
    more, seconds = judgement.more_seeds, _seconds_per_seed(one)
    if more is None:
        return verdict_detail(judgement)
    time = "" if seconds is None else f", {duration_in_words(more * seconds)}"
    if judgement.seeds not in LOOKS:
        return f"{judgement.reason}: {more} more{time}"
    return f"about {count(more)} more {'seed' if more == 1 else 'seeds'}{time}{',' if time else ''} would decide it"


def _seconds_per_seed(one: Compared) -> float | None:
    """Return the recorded seconds of training one classifier of the cell and one of ``org``; None if not recorded."""
    cells = (one.cell, one.org)
    if not all(cell.seconds.get("classifiers") and cell.accuracies for cell in cells):
        return None
    return sum(cell.seconds["classifiers"] / len(cell.accuracies) for cell in cells)


def _subject(group: Sequence[Compared]) -> str:
    names = _joined([f"{one.generator}'s" for one in group], "or")
    return SUBJECTS[group[0].cell.mode].format(f"{names} images")


def _size(one: Compared) -> str:
    """Return the size of a difference whose sign is said in words, with its interval: ``1.3 points (0.5 to 2.1)``."""
    difference = one.difference.difference
    text = f"{abs(difference):.1f} points"
    if one.judgement.interval is None:
        return text
    low, high = sorted(end if difference > 0 else -end for end in one.judgement.interval)
    return f"{text} ({low:.1f} to {high:.1f})"


def _joined(names: Sequence[str], word: str = "and") -> str:
    return f" {word} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _claim(used: Sequence[Compared]) -> str:
    """Return what was varied, and what the verdicts are about: this trained generator, these images, or a method."""
    difference = used[0].difference
    groups = "" if difference.n_groups is None else f" in {count(difference.n_groups)} groups"
    images = f"{count(difference.n_images)} test images{groups}"
    if used[0].judgement.seeds is None and not used[0].judgement.old_procedure:
        return f"resampled training images, {images}; for other training sets of this kind"
    ends = dict.fromkeys(picked(one.difference.n_seeds for one in used) for picked in (min, max))
    varied = f"{' to '.join(map(str, ends))} classifier {'seed' if [*ends] == [1] else 'seeds'}, {images}"
    if difference.n_generator_seeds > 1:
        return f"{varied}; a generator trained for each classifier seed"
    if any(one.cell.seconds.get("generator") for one in used):
        again = "each generator was trained once, and no interval covers what training it again would change"
        return f"{varied}; for this trained generator: {again}"
    return f"{varied}; for these synthetic images"


def _swept(cells: Sequence[Cell]) -> str:
    """Return how many variants help, and those that help most."""
    gains = {
        f"{cell.generator} {cell.mode} {cell.variant}": (cell.comparison.difference, cell.judgement.verdict)
        for cell in cells
        if cell.variant is not None and cell.comparison and cell.judgement
    }
    if not gains:
        return ""
    helping = sorted((name for name, (_, verdict) in gains.items() if verdict is Verdict.HELPS), key=gains.__getitem__)
    named = [f"{name} ({points(gains[name][0])})" for name in reversed(helping[-VARIANTS_NAMED:])]
    more = f" and {len(helping) - VARIANTS_NAMED} more" if len(helping) > VARIANTS_NAMED else ""
    names = f": {', '.join(named)}{more}" if named else ""
    return f"{len(helping) or 'none'} of {len(gains)} that were compared helped{names}"


def _nothing_compared(cells: Sequence[Cell]) -> str:
    org = next((cell for cell in cells if cell.mode == "org" and cell.variant is None and cell.mean is not None), None)
    if org is None or org.mean is None:
        swept = any(cell.variant is not None and cell.mean is not None for cell in cells)
        return "Only sweeps were run on this dataset: see Sweeps." if swept else "Nothing was run."
    return f"Real images alone give {org.mean:.1f} %; nothing synthetic was compared with them."


def _worth(results: ResultsFile, dataset: str) -> str:
    """Return how many further real images have the effect of each generator's images in MIX of Table 1."""
    rows = (row for row in results.equivalent_real_images if row.dataset == dataset and row.variant is None)
    return "; ".join(f"{row.generator} {row.worth}" for row in rows if row.worth)


def _ceiling(comparisons: Iterable[Compared]) -> str:
    """Return the difference that further real images make in MIX, and their number."""
    mix = next((one for one in comparisons if is_ceiling(one.cell) and one.cell.mode == "mix"), None)
    if mix is None:
        return ""
    return f"adding {count(images_made(mix.cell))} new real images instead: {difference_text(mix.cell)}"


def _cost(main: Compared) -> str:
    """Return what a cell cost beyond ``org``, as recorded."""
    seconds = main.cell.seconds
    training, sampling = seconds.get("generator", 0.0), duration(seconds.get("sampling", 0.0))
    parts = [f"{duration(training)} to train the generator"] if training else []
    parts += [f"{sampling} to {'make' if training else 'get'} {count(images_made(main.cell))} images"]
    if main.steps_ratio is not None:
        parts.append(f"{main.steps_ratio:.1f} times the classifier's optimiser steps")
    return ", ".join(parts)
