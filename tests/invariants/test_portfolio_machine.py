"""No sequence of allowed or refused acts reaches an illegal state, loses evidence or breaks the audit chain."""

from collections import Counter

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import PortfolioMachine
from .stage import LEAST, TRANSITIONS, Stage, unwatched

ROUNDS = 6


@pytest.mark.django_db
@pytest.mark.slow
def test_no_sequence_of_acts_reaches_an_illegal_state(capsys):
    """Rounds of random acts, until each transition that the rules allow has been reached at least 20 times.

    On PostgreSQL, where a step takes twice as long, one round shows that the rules hold there too.
    """
    counted = connection.vendor == "sqlite"
    PortfolioMachine.stage, PortfolioMachine.unwatched = Stage(), unwatched()
    reached, refusals = Counter[str](), Counter[str]()
    PortfolioMachine.reached, PortfolioMachine.refusals = reached, refusals
    for salt in range(ROUNDS if counted else 1):
        PortfolioMachine.salt = salt
        run_state_machine_as_test(
            PortfolioMachine,
            settings=settings(
                max_examples=8 if counted else 2, stateful_step_count=60 if counted else 40,
                deadline=None, derandomize=True, database=None,
                phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
        if min(reached[name] for name in TRANSITIONS) >= LEAST:
            break
    with capsys.disabled():
        print("\nTransitions reached:")
        for name in TRANSITIONS:
            print(f"  {reached[name]:5}  {name}")
        print(f"Refusals: {sum(refusals.values())} of {len(refusals)} kinds: {', '.join(sorted(refusals))}")
    assert set(reached) <= set(TRANSITIONS)
    if counted:
        assert {name: reached[name] for name in TRANSITIONS if reached[name] < LEAST} == {}
        assert len(refusals) >= 12
