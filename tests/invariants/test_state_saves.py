"""Many saves of one place at once, on PostgreSQL: the last stays, and none fails. Completing counts once."""

import random
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection, connections  # noqa: F401  (the mark below asks it)
from django.utils import timezone

from courses.delivery.api import ActivityAttempt, ActivityState, StudyAnswer, keep_state, keep_statements, open_activity
from courses.delivery.xapi import VERBS, Said
from courses.pages.activities import uses_of
from tests.factories import make_world
from tests.factories.activities import block_with, keep_activity, make_activity_lesson

SAVES, AT_ONCE = 200, 40
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time"),
]


def at_once(acts: list) -> list[BaseException]:
    """Runs acts in threads that begin together; returns what went wrong."""
    errors: list[BaseException] = []
    gate = Barrier(min(AT_ONCE, len(acts)))

    def work(mine: list) -> None:
        try:
            gate.wait(30)
            for act in mine:
                act()
        except BaseException as error:
            errors.append(error)
        finally:
            connections["default"].close()

    threads = [Thread(target=work, args=(acts[n :: gate.parties],), daemon=True) for n in range(gate.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert not [thread for thread in threads if thread.is_alive()], "saves wait for each other"
    return errors


def test_two_hundred_saves_at_once_end_with_the_last(transactional_db: None):
    world = make_world()
    attempt = open_activity(world.registration, keep_activity(), [], at=timezone.now())
    order = list(range(1, SAVES + 1))
    random.Random(7).shuffle(order)
    saves = [lambda n=n: keep_state(attempt, "state", "0", f'{{"page": {n}}}', n) for n in order]
    assert at_once(saves) == []
    row = ActivityState.objects.get()
    assert (row.saved, row.data) == (SAVES, f'{{"page": {SAVES}}}')


def test_completing_at_once_completes_once(transactional_db: None):
    world = make_world()
    activity = keep_activity()
    make_activity_lesson(block_with(activity))
    at = timezone.now()
    attempt = open_activity(world.registration, activity, [], at=at)
    same = uuid4()

    def complete(n: int) -> None:
        statement = {"verb": {"id": VERBS["completed"]}, "object": {}, "result": {}, "context": {}}
        said = Said(same if n % 2 else uuid4(), "completed", "", "", True, n, 100, n / 100, True, statement)
        keep_statements(attempt, [said], uses_of(activity), at=at + timedelta(seconds=n))

    assert at_once([lambda n=n: complete(n) for n in range(40)]) == []
    row = ActivityAttempt.objects.get()
    assert row.completed_at is not None
    assert row.statements.count() == 21
    assert StudyAnswer.objects.filter(done_at__isnull=False).count() == 1


def test_opening_at_once_opens_one_attempt(transactional_db: None):
    world = make_world()
    activity = keep_activity()
    acts = [lambda: open_activity(world.registration, activity, [], at=timezone.now()) for _ in range(20)]
    assert at_once(acts) == []
    assert ActivityAttempt.objects.count() == 1
