"""Twenty people at once over the same fifty submissions for half a minute, on PostgreSQL: nothing is lost, counted
twice, or left locked, and the audit chains hold."""

import time
from collections import Counter
from datetime import datetime
from random import Random
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from assessment.api import (
    Decision,
    VersionJudgement,
    check_submission,
    draft_decision,
    judge_version,
    open_submission,
    release,
    take,
    take_over,
)
from assessment.domain.check import to_check
from assessment.models import SecondCheck
from assessment.policies import waiting_for
from assessment.status import differences
from courses.delivery.api import Allocation, Registration
from lms.accounts.api import User
from lms.audit.api import verify
from lms.common.errors import Refused, reasons_of
from portfolio.api import EvidenceVersion, Submission, SubmittedCriterion, withdraw
from tests.factories import (
    allocate_assessor,
    make_cohort,
    make_learner,
    make_organisation,
    make_person,
    make_qualification,
    make_submission,
    make_unqualified,
)

from .recount import Recount

SECONDS = 30
PAIRS = [("1.1", "1.3"), ("1.5", "1.9")]
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time and no row locks"),
]


class Worker(Thread):
    """Somebody who does one act after another until the time is up; keeps what was acknowledged."""

    def __init__(self, user: User, acts: tuple[str, ...], seed: int, until: float) -> None:
        super().__init__(daemon=True)
        self.user, self.acts, self.until = user, acts, until
        self.random = Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.words: dict[tuple[int, int], str] = {}  # (submission, criterion) -> rationale acknowledged last
        self.errors: list[BaseException] = []

    def run(self) -> None:
        try:
            while time.monotonic() < self.until:
                act = self.random.choice(self.acts)
                try:
                    getattr(self, act)(timezone.now())
                    self.done[act] += 1
                except Refused as refusal:
                    self.refused.update(reason.code for reason in reasons_of(refusal))
        except BaseException as error:
            self.errors.append(error)
        finally:
            connections["default"].close()

    def one(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        if not found:
            raise Refused("nothing", "There is nothing to do.")
        return self.random.choice(found)

    def waiting(self) -> Submission:
        """Mostly one that is open and with its assessor; sometimes any."""
        rows = Submission.objects.waiting()
        opened = rows.filter(opened_at__isnull=False, handed_on_at__isnull=True)
        return self.one(opened if opened.exists() and self.random.random() < 0.8 else rows)

    def open(self, at: datetime) -> None:
        submission = self.one(Submission.objects.waiting().filter(opened_at__isnull=True))
        if submission.assessor_id != self.user.pk and self.random.random() < 0.3:
            take(submission, by=self.user, at=at)
        open_submission(submission, by=self.user, at=at)

    def judge(self, at: datetime) -> None:
        version = self.one(EvidenceVersion.objects.filter(submitted_for__submission=self.waiting()).distinct())
        judge_version(version, valid=True, authentic=True, current=True, reliable=True, note=f"{self.user.pk} {at}",
                      by=self.user, at=at)  # fmt: skip

    def decide(self, at: datetime) -> None:
        submission = self.waiting()
        item = self.one(submission.items.all())
        words = f"{self.user.pk} {at}"
        draft_decision(
            submission, item.criterion_id, outcome="achieved", sufficient=True, rationale=words, by=self.user, at=at,
            version_ids=set(item.submitted_versions.values_list("version_id", flat=True)),
        )  # fmt: skip
        self.words[submission.pk, item.criterion_id] = words

    def finish(self, at: datetime) -> None:
        """Whatever one still has to do before releasing what one has begun."""
        begun = Decision.objects.filter(decider=self.user, state="draft").values("submission")
        submission = self.one(Submission.objects.waiting().filter(pk__in=begun))
        for version in EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct():
            if not VersionJudgement.objects.filter(version=version).exists():
                judge_version(version, valid=True, authentic=True, current=True, reliable=True, by=self.user, at=at)
        for item in submission.items.all():
            take_over(submission, item.criterion_id, by=self.user, at=at)
            words = f"{self.user.pk} {at}"
            draft_decision(
                submission, item.criterion_id, outcome="achieved", sufficient=True, rationale=words, by=self.user,
                at=at, version_ids=set(item.submitted_versions.values_list("version_id", flat=True)),
            )  # fmt: skip
            self.words[submission.pk, item.criterion_id] = words
        release(submission, by=self.user, at=at)

    def check(self, at: datetime) -> None:
        submission = self.one(Submission.objects.being_checked())
        kind = waiting_for(submission)
        found = {d.pk: (self.random.random() < 0.7, "Look again") for d in to_check(submission, kind)} if kind else {}
        check_submission(submission, kind, found, by=self.user, at=at)
        self.done["checks"] += len(found)

    def take_back(self, at: datetime) -> None:
        """A learner withdraws a submission that nobody has opened, and hands in something new."""
        mine = Submission.objects.waiting().filter(registration__learner=self.user)
        withdraw(self.one(mine), by=self.user, at=at)
        self.done["withdrawn"] += 1

    def hand_in(self, at: datetime) -> None:
        registration = self.one(Registration.objects.filter(learner=self.user))
        make_submission(registration, *self.random.choice(PAIRS), at=at)


def stage() -> tuple[list[Registration], dict[str, list[User]]]:
    """Fifty submissions of twenty-five learners, to all of whom every assessor is allocated."""
    qualification = make_qualification()
    centre = make_organisation("centre")
    cohort = make_cohort(qualification, centre)
    people = {
        "qualified": [make_person(f"Qualified {n}", ("assessor", centre)) for n in range(6)],
        "unqualified": [make_unqualified(make_person(f"Unqualified {n}", ("assessor", centre))) for n in range(5)],
        "checkers": [make_person(f"Checker {n}", ("assessor", centre)) for n in range(4)],
    }
    registrations = [make_learner(cohort, name=f"Learner {n}") for n in range(25)]
    allocations = [
        Allocation(registration=registration, user=user, role=role, starts_on=timezone.localdate())
        for registration in registrations
        for kind, role in (("qualified", "assessor"), ("unqualified", "assessor"), ("checkers", "second_assessor"))
        for user in people[kind][1:]
    ]
    Allocation.objects.bulk_create(allocations)
    for number, registration in enumerate(registrations):
        for kind, role in (("qualified", "assessor"), ("unqualified", "assessor"), ("checkers", "second_assessor")):
            allocate_assessor(registration, people[kind][0], role)
        for pair in PAIRS:
            made = make_submission(registration, *pair)
            to = (people["qualified"] + people["unqualified"])[number % 11]
            Submission.objects.filter(pk=made.pk).update(assessor=to)
    return registrations, people


def test_twenty_people_at_once_lose_nothing_and_count_nothing_twice(transactional_db: None, capsys):
    registrations, people = stage()
    assert Submission.objects.count() == 50
    until = time.monotonic() + SECONDS
    assessing = ("open", "judge", "decide", "finish", "finish")
    who: list[tuple[User, tuple[str, ...]]] = [
        *((user, assessing) for user in (*people["qualified"], *people["unqualified"])),
        *((user, ("check",)) for user in people["checkers"]),
        *((registration.learner, ("take_back", "hand_in", "hand_in")) for registration in registrations[:5]),
    ]
    workers = [Worker(user, acts, seed, until) for seed, (user, acts) in enumerate(who)]
    assert len(workers) == 20
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(SECONDS + 60)
    assert not [worker for worker in workers if worker.is_alive()], "a thread hangs: acts wait for each other"
    assert [error for worker in workers for error in worker.errors] == []
    done = sum((worker.done for worker in workers), Counter[str]())
    with capsys.disabled():
        print(f"\n20 people, {SECONDS} s: {dict(done)}; refused {sum(sum(w.refused.values(), 0) for w in workers)}")
    _nothing_is_lost(workers, done)
    _nothing_counts_twice(registrations)
    _nothing_is_locked()
    assert list(verify()) == []


def _nothing_is_lost(workers: list[Worker], done: Counter[str]) -> None:
    """What was acknowledged is there: words as last saved, checks and withdrawals as many as were done."""
    said = {(worker.user.pk, *key): words for worker in workers for key, words in worker.words.items()}
    rows = Decision.objects.exclude(state="superseded").values_list("decider", "submission", "criterion", "rationale")
    assert [row for row in rows if said[row[:3]] != row[3]] == []
    assert SecondCheck.objects.count() == done["checks"]
    assert Submission.objects.filter(withdrawn_at__isnull=False).count() == done["withdrawn"]
    assert min(done[act] for act in ("open", "judge", "decide", "finish", "check", "withdrawn")) > 0


def _nothing_counts_twice(registrations: list[Registration]) -> None:
    for registration in registrations:
        assert list(differences(registration)) == []
        counting = Decision.objects.filter(registration=registration, state="counts", is_held=False)
        assert Recount(registration).counting() == {d.criterion_id: (d.pk, d.outcome) for d in counting}
    assert not Submission.objects.filter(withdrawn_at__isnull=False, released_at__isnull=False).exists()
    closed = SubmittedCriterion.objects.filter(submission__released_at__isnull=False)
    assert not closed.filter(is_open=True).exists()


def _nothing_is_locked() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%' "
                       "AND datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
        assert cursor.fetchone()[0] == 0
