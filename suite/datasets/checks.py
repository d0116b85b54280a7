"""Checks of data and results: what was looked for, how serious it is, and what was found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

Severity = Literal["not valid", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("not valid", "warning", "note")
FULL_CHECK = "suite datasets check"

SubjectT = TypeVar("SubjectT")


class Check(BaseModel):
    """The outcome of one check.

    Attributes:
        name: What was looked for.
        severity: What a finding means: results are ``not valid``, may mislead (``warning``), or need it to be
            interpreted (``note``).
        found: What was found, one short sentence each; empty if the check passed or was not run.
        not_run: Why the check was not run; empty if it was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    severity: Severity
    found: tuple[str, ...] = ()
    not_run: str = ""

    @property
    def passed(self) -> bool:
        """Whether the check was run and nothing was found."""
        return not self.found and not self.not_run


class NotRun(Exception):  # noqa: N818 - it is no error
    """Raised by a rule that cannot be applied; the text says why."""


@dataclass(frozen=True)
class Rule(Generic[SubjectT]):
    """One check that can be applied to a subject, such as the images of a dataset or the artifacts of a cell.

    Attributes:
        name: What is looked for.
        severity: What a finding means.
        looks_for: When the check finds something, with its limits, for the documentation.
        find: Yields what is found, one short sentence each; raises ``NotRun`` if it cannot be applied.
    """

    name: str
    severity: Severity
    looks_for: str
    find: Callable[[SubjectT], Iterable[str]]

    def check(self, subject: SubjectT) -> Check:
        """Return the outcome for one subject."""
        try:
            return Check(name=self.name, severity=self.severity, found=tuple(self.find(subject)))
        except NotRun as reason:
            return Check(name=self.name, severity=self.severity, not_run=str(reason))


def run_rules(rules: Iterable[Rule[SubjectT]], subject: SubjectT) -> tuple[Check, ...]:
    """Return the outcome of every rule for one subject."""
    return tuple(rule.check(subject) for rule in rules)


def reasons_not_valid(checks: Iterable[Check]) -> str:
    """Return what makes a result not valid, joined by semicolons; empty if it is valid. Nothing else decides this."""
    return "; ".join(text for check in checks if check.severity == "not valid" for text in check.found)


def summary_line(checks: Iterable[Check]) -> str:
    """Return how many checks passed, found something, and were not run, as ``Checks: 14 passed, 1 warning``."""
    every = list(checks)
    counts = {"passed": sum(check.passed for check in every)}
    for severity in SEVERITIES:
        number = sum(bool(check.found) for check in every if check.severity == severity)
        counts[severity + "s" * (number > 1 and severity != "not valid")] = number
    counts["not run"] = sum(bool(check.not_run) for check in every)
    return f"Checks: {', '.join(f'{number} {word}' for word, number in counts.items() if number)}"
