"""Cases and their ids."""

import pytest

from suite.planning.case import Case, Mode, cases_of


def test_row_has_org_then_syn_and_mix_of_each_generator() -> None:
    ids = [case.id for case in cases_of("digits", ("cd", "biggan"))]
    assert ids == ["digits-org", "digits-cd-syn", "digits-cd-mix", "digits-biggan-syn", "digits-biggan-mix"]


def test_variant_is_the_last_part_of_the_id() -> None:
    assert Case(dataset="digits", generator="cd", mode=Mode.MIX, variant="ratio-0.5").id == "digits-cd-mix-ratio-0.5"


@pytest.mark.parametrize(("generator", "mode"), [("cd", "org"), (None, "syn"), (None, "mix")])
def test_all_modes_except_org_require_a_generator(generator: str | None, mode: str) -> None:
    with pytest.raises(ValueError, match="generator"):
        Case(dataset="digits", generator=generator, mode=Mode(mode))
