"""No sequence of allowed or refused acts reaches an illegal state, loses evidence or breaks the audit chain."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import TRANSITIONS, PortfolioMachine, Stage

LEAST = 20


@pytest.mark.django_db
@pytest.mark.slow
def test_no_sequence_of_acts_reaches_an_illegal_state(capsys):
    PortfolioMachine.stage = Stage()
    PortfolioMachine.reached, PortfolioMachine.refusals = Counter(), Counter()
    run_state_machine_as_test(
        PortfolioMachine,
        settings=settings(
            max_examples=28, stateful_step_count=70, deadline=None, derandomize=True, database=None,
            phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    reached, refusals = PortfolioMachine.reached, PortfolioMachine.refusals
    with capsys.disabled():
        print("\nTransitions reached:")
        for transition in TRANSITIONS:
            print(f"  {reached[transition]:5}  {transition}")
        print(f"Refusals: {sum(refusals.values())} of {len(refusals)} kinds: {', '.join(sorted(refusals))}")
    assert {name: reached[name] for name in TRANSITIONS if reached[name] < LEAST} == {}
    assert set(reached) <= set(TRANSITIONS)
    assert len(refusals) >= 12
