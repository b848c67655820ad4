"""Two learners, two assessors and a lead IQA doing anything in any order, beside a simple model of what must hold."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assessment.api import (
    Decision,
    InterestDeclaration,
    VersionJudgement,
    declare_interest,
    draft_decision,
    judge_version,
    open_submission,
    release,
    resolve_interest,
    take,
    take_over,
)
from courses.delivery.api import AccessGrant, Registration
from lms.accounts.api import User
from lms.audit.api import verify
from lms.common.errors import Refused
from portfolio.api import (
    Evidence,
    EvidenceVersion,
    Link,
    Submission,
    SubmittedCriterion,
    candidates,
    declare,
    discard_draft,
    grant_attempt,
    new_version,
    restore_draft,
    save_draft,
    set_links,
    start_evidence,
    submit_criteria,
    withdraw,
)
from portfolio.domain.bin import destroy_draft
from portfolio.domain.share import share_with_setting, stop_sharing
from tests.helpers import contents

from .holds import Holds
from .stage import ACTS, LEAST, LIMIT, STEERED, TRANSITIONS, Stage, said


class PortfolioMachine(Holds, RuleBasedStateMachine):
    """Rules are acts; most are done by the right person with the right things, some are not and must be refused."""

    stage: Stage
    salt = 0
    unwatched: set[str]
    reached: Counter[str]
    refusals: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.at = timezone.now()
        self.steps, self.good, self.outcome = 0, True, "achieved"
        self.changed = True
        self.random = Random(0)
        self.submitted: dict[int, tuple[Any, ...]] = {}  # version id -> what it said when it was submitted
        self.outcomes: dict[tuple[int, int], list[str]] = {}  # (registration, criterion) -> released outcomes
        self.waiting: set[tuple[int, int]] = set()

    @invariant()
    def what_must_hold(self) -> None:
        if self.changed:
            self.everything_holds()
            self.changed = False

    def teardown(self) -> None:
        assert list(verify()) == []
        transaction.savepoint_rollback(self.savepoint)

    @rule(seed=st.integers(min_value=0, max_value=2**32 - 1))
    def act(self, seed: int) -> None:
        """One act. Likely acts are drawn more often, and evenly otherwise, so that every state is reached. None once
        each transition was reached enough."""
        if all(self.reached[name] >= LEAST for name in TRANSITIONS):
            return
        self.steps += 1
        self.random = Random(f"{self.salt} {seed} {self.steps}")
        act = self.random.choices(list(ACTS), list(ACTS.values()))[0]
        if self.random.random() < 0.4:
            act = STEERED[min(STEERED, key=lambda name: self.reached[name])]
        self.good = self.random.random() < 0.85
        self.outcome = "achieved" if self.random.random() < 0.4 else "referred"
        getattr(self, act)(self.random.randrange(2), self.random.randrange(1000))

    # Helpers

    def learner(self, pick: int) -> Registration:
        return self.learner_of(self.stage.registrations[pick].pk)

    def learner_of(self, registration_id: int) -> Registration:
        return Registration.objects.select_related("learner", "qualification").get(pk=registration_id)

    def someone(self, pick: int, right: User) -> User:
        """Mostly the right person; one time in eight anybody else."""
        people = [*self.stage.assessors, self.stage.lead, self.stage.stranger,
                  *(r.learner for r in self.stage.registrations)]  # fmt: skip
        return people[pick % len(people)] if pick % 8 == 7 else right

    def codes(self, pick: int) -> set[int]:
        criteria = self.stage.criteria
        return {c.pk for place, c in enumerate(criteria) if (pick >> place) & 1} or {criteria[pick % 3].pk}

    def watched(self) -> dict[str, tuple[int, str]]:
        return contents(leaving_out=self.unwatched)

    def attempt(self, act: Callable[[], Any], *transitions: str) -> Any:
        """Does an act. Refused: nothing may have changed. Allowed: the transitions are counted."""
        self.at += timedelta(seconds=1)
        before = self.watched() if self.random.random() < 0.15 else None
        try:
            result = act()
        except Refused as refusal:
            code = refusal.code
        else:
            self.changed = True
            for transition in transitions:
                assert transition in TRANSITIONS, transition
                self.reached[transition] += 1
            return result
        assert before in (None, self.watched()), f"refused ({code}) but changed something"
        self.refusals[code] += 1
        return None

    @staticmethod
    def attempts_of(registration: Registration) -> Counter[int]:
        rows = SubmittedCriterion.objects.attempts().filter(registration=registration)
        return Counter(rows.values_list("criterion_id", flat=True))

    @staticmethod
    def any_of(rows: Iterable[Any], pick: int) -> Any:
        found = list(rows)
        return found[pick % len(found)] if found else None

    def draft_of(self, registration: Registration, pick: int) -> EvidenceVersion | None:
        rows = EvidenceVersion.objects.filter(evidence__registration=registration, state="draft", is_latest=True)
        return self.any_of(rows.select_related("evidence").order_by("pk"), pick)

    def version_of(self, registration: Registration, pick: int) -> EvidenceVersion | None:
        rows = EvidenceVersion.objects.filter(evidence__registration=registration)
        return self.any_of(rows.select_related("evidence").order_by("pk"), pick)

    # The learner's acts

    def start(self, who: int, which: int) -> None:
        registration = self.learner(who)
        by = self.someone(which, registration.learner)
        self.attempt(
            lambda: start_evidence(registration, kind="case_study", title="A piece", by=by, at=self.at,
                                   criterion_ids=tuple(self.codes(which))),
            "evidence: started",
        )  # fmt: skip

    def make_ready(self, who: int, which: int) -> None:
        registration = self.learner(who)
        by = registration.learner
        version = self.draft_of(registration, which) if which % 2 else None
        if version is None:
            version = self.attempt(
                lambda: start_evidence(registration, kind="work_product", title="Piece", by=by, at=self.at),
                "evidence: started",
            )
        self.attempt(lambda: save_draft(version, text=f"Words {self.at}", by=by, at=self.at), "evidence: text saved")
        links = [Link(pk, "page 1", "because") for pk in self.codes(which)]
        self.attempt(lambda: set_links(version, links, by=by, at=self.at), "evidence: links set")
        self.attempt(
            lambda: declare(version, authentic=True, no_child_identified=True, ai_used="", by=by, at=self.at),
            "evidence: declared",
        )

    def make_ready_and_submit(self, who: int, which: int) -> None:
        self.make_ready(who, which)
        self.submit(who, which - which % 8)

    def do_it_all(self, who: int, which: int) -> None:
        """A learner puts all criteria forward and achieves them; sometimes one of them is then referred after all."""
        for codes, outcome in ((7, "achieved"), (1, "referred"))[: 1 + which % 2]:
            self.make_ready(who, 8 * which + codes)
            self.submit(who, which - which % 8)
            for submission in Submission.objects.waiting().filter(registration=self.learner(who)):
                self.settle_all(submission, self.stage.assessors[0], outcome)

    def achieve_after_all(self, who: int, which: int) -> None:
        """Changes are needed; the learner makes them, and achieves it."""
        self.make_ready(who, 8 * which + 1)
        self.submit(who, which - which % 8)
        for outcome in ("referred", "achieved"):
            for submission in Submission.objects.waiting().filter(registration=self.learner(who)):
                self.settle_all(submission, self.stage.assessors[0], outcome)
            if outcome == "referred":
                self.improve_and_submit_again(who, which - which % 8)

    def edit(self, who: int, which: int) -> None:
        registration = self.learner(who)
        version = self.draft_of(registration, which) if self.good else self.version_of(registration, which)
        if version is None:
            return
        by = self.someone(which, registration.learner)
        if by == registration.learner and which % 2:
            self.declare_draft(who, which - which % 8)
            version.refresh_from_db()
        was_declared = version.is_declared
        saved = self.attempt(lambda: save_draft(version, text=f"Other words {self.at}", by=by, at=self.at),
                             "evidence: text saved")  # fmt: skip
        if saved and was_declared:
            assert not saved.is_declared
            self.reached["evidence: declaration taken back by a change"] += 1

    def declare_draft(self, who: int, which: int) -> None:
        registration = self.learner(who)
        version = self.version_of(registration, which)
        if version is None:
            return
        by = self.someone(which, registration.learner)
        self.attempt(
            lambda: declare(version, authentic=True, no_child_identified=self.good, ai_used="", by=by, at=self.at),
            "evidence: declared",
        )

    def submit(self, who: int, which: int) -> None:
        registration = self.learner(who)
        chosen = self.codes(which)
        if self.good:
            chosen = {c.criterion.pk for c in candidates(registration, at=self.at) if c.ready}
        by = self.someone(which, registration.learner)
        attempts = self.attempts_of(registration)
        drafts = set(EvidenceVersion.objects.filter(evidence__registration=registration, state="draft")
                     .values_list("pk", flat=True))  # fmt: skip
        submission = self.attempt(lambda: submit_criteria(registration, chosen, by=by, at=self.at))
        if submission is None:
            return
        for version in EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct():
            self.submitted.setdefault(version.pk, said(version))
            self.reached["version: draft to submitted"] += version.pk in drafts
        for criterion_id in chosen:
            key = (registration.pk, criterion_id)
            self.waiting.add(key)
            last = (self.outcomes.get(key) or ["none"])[-1]
            name = {"none": "first attempt", "referred": "again after changes needed",
                    "achieved": "again after achieved"}[last]  # fmt: skip
            self.reached[f"submission: {name}"] += 1
            self.reached["submission: by a granted attempt"] += attempts[criterion_id] >= LIMIT

    def start_new_version(self, who: int, which: int) -> None:
        registration = self.learner(who)
        decided = EvidenceVersion.objects.filter(evidence__registration=registration, is_latest=True)
        latest = self.any_of(decided.exclude(state="draft").select_related("evidence").order_by("pk"), which)
        if latest is None:
            return
        by = self.someone(which, registration.learner)
        self.attempt(lambda: new_version(latest.evidence, by=by, at=self.at),
                     f"evidence: new version of {latest.state} work")  # fmt: skip

    def improve_and_submit_again(self, who: int, which: int) -> None:
        """What a learner does after changes needed: the next version, better, declared, submitted."""
        registration = self.learner(who)
        waiting = EvidenceVersion.objects.filter(submitted_for__is_open=True).values("pk")
        decided = EvidenceVersion.objects.filter(evidence__registration=registration, state="decided", is_latest=True)
        latest = self.any_of(decided.exclude(pk__in=waiting).select_related("evidence").order_by("pk"), which)
        if latest is not None:
            self.attempt(lambda: new_version(latest.evidence, by=registration.learner, at=self.at),
                         "evidence: new version of decided work")  # fmt: skip
        version = self.draft_of(registration, which)
        if version is not None:
            by = registration.learner
            self.attempt(lambda: save_draft(version, text=f"Better {self.at}", by=by, at=self.at),
                         "evidence: text saved")  # fmt: skip
            self.attempt(
                lambda: declare(version, authentic=True, no_child_identified=True, ai_used="", by=by, at=self.at),
                "evidence: declared",
            )
            self.submit(who, which - which % 8)

    def discard(self, who: int, which: int) -> None:
        registration = self.learner(who)
        if self.good and self.draft_of(registration, 0) is None:
            latest = self.version_of(registration, which)
            if latest is None or which % 3 == 0:
                self.start(who, which - which % 8)
            else:
                self.start_new_version(who, which - which % 8)
        version = self.draft_of(registration, which) or self.version_of(registration, which)
        if version is None:
            return
        by = self.someone(which, registration.learner)
        name = "only draft discarded" if version.number == 1 else "draft of a new version discarded"
        self.attempt(lambda: discard_draft(version, by=by, at=self.at), f"evidence: {name}")

    def restore(self, who: int, which: int) -> None:
        """Takes a draft out of the bin, now and then destroys it; without one in the bin, deletes one first."""
        registration = self.learner(who)
        binned = EvidenceVersion.objects.binned_by(registration.learner).filter(evidence__registration=registration)
        version = self.any_of(binned.select_related("evidence").order_by("pk"), which)
        if version is None:
            self.discard(who, which - which % 8)
            return
        by = self.someone(which, registration.learner)
        if which % 3:
            again = self.attempt(lambda: restore_draft(version, by=by, at=self.at), "evidence: taken out of the bin")
            assert again is None or (again.is_latest and again.text == version.text)
            return
        self.attempt(lambda: destroy_draft(version, by=by, at=self.at) or True, "evidence: destroyed in the bin")

    def share(self, who: int, which: int) -> None:
        registration = self.learner(who)
        stop = self.random.random() < 0.5
        evidence = self.any_of(Evidence.objects.filter(registration=registration).order_by("pk"), which)
        if evidence is None:
            return
        by = self.someone(which, registration.learner)
        share = stop_sharing if stop else share_with_setting
        done = "no longer shared" if stop else "shared"
        self.attempt(lambda: share(evidence, by=by, at=self.at) or True, f"evidence: {done}")
        if by == registration.learner:
            open_grants = AccessGrant.objects.filter(subject=evidence.ref, ended_at__isnull=True)
            assert open_grants.count() == (0 if stop else 1)

    def take_back(self, who: int, which: int) -> None:
        """A learner takes a submission back, mostly one that nobody has opened."""
        if which % 3:
            self.make_ready_and_submit(who, which - which % 8)
        rows = Submission.objects.filter(registration=self.learner(who)).select_related("registration__learner")
        rows = rows.waiting().filter(opened_at__isnull=True) if self.good else rows
        submission = self.any_of(rows.order_by("pk"), which)
        if submission is None:
            return
        held = set(EvidenceVersion.objects.filter(submitted_for__submission=submission).values_list("pk", flat=True))
        by = self.someone(which, submission.registration.learner)
        if self.attempt(lambda: withdraw(submission, by=by, at=self.at), "submission: withdrawn") is None:
            return
        back = set(EvidenceVersion.objects.filter(pk__in=held, state="draft").values_list("pk", flat=True))
        for pk in back:
            del self.submitted[pk]
            self.reached["version: submitted to draft"] += 1
        left = EvidenceVersion.objects.filter(pk__in=held - back, state="submitted")
        assert not left.exclude(submitted_for__is_open=True).exists()
        self.waiting -= {
            (submission.registration_id, pk) for pk in submission.items.values_list("criterion", flat=True)
        }

    # The assessors' acts

    def open(self, submission: Submission, by: User) -> None:
        """Opens what nobody has opened; by another than its assessor, who takes it first."""
        row = Submission.objects.get(pk=submission.pk)
        if not row.can_be_withdrawn:
            return
        if row.assessor_id != by.pk:
            self.attempt(lambda: take(row, by=by, at=self.at), "submission: taken by another assessor")
        self.attempt(lambda: open_submission(row, by=by, at=self.at), "submission: opened")

    def open_one(self, who: int, which: int) -> None:
        submission = self.submission(which)
        if submission is None:
            return
        by, was = self.someone(which, submission.assessor if self.good else self.stage.assessors[who]), submission
        opened = self.attempt(lambda: open_submission(submission, by=by, at=self.at))
        self.reached["submission: opened"] += bool(opened and was.opened_at is None)

    def take_one(self, who: int, which: int) -> None:
        submission = self.submission(which)
        if submission is None:
            return
        by = self.someone(which, self.stage.assessors[who])
        was = Submission.objects.get(pk=submission.pk).assessor_id
        row = self.attempt(lambda: take(submission, by=by, at=self.at))
        self.reached["submission: taken by another assessor"] += bool(row and row.assessor_id != was)

    def submission(self, pick: int) -> Submission | None:
        rows = Submission.objects.filter(registration__in=self.stage.registrations).order_by("released_at", "pk")
        waiting = [row for row in rows if row.is_open]
        return self.any_of(waiting if waiting and pick % 6 else rows, pick)

    def judge(self, who: int, which: int) -> None:
        submission = self.submission(which)
        if submission is None:
            return
        versions = EvidenceVersion.objects.filter(submitted_for__submission=submission).select_related("evidence")
        version = self.any_of(versions.distinct().order_by("pk"), which)
        if version is None:
            return
        if which % 4:
            self.open(submission, submission.assessor)
        existing = VersionJudgement.objects.filter(version=version).exists()
        by = self.someone(who, self.stage.assessors[who])
        self.attempt(
            lambda: judge_version(version, valid=self.good, authentic=True, current=True, reliable=True,
                                  note=f"Note {self.at}", by=by, at=self.at),
            "judgement: mended" if existing else "judgement: made",
        )  # fmt: skip

    def decide_one(self, who: int, which: int) -> None:
        submission = self.submission(which)
        if submission is None:
            return
        item = self.any_of(submission.items.order_by("pk"), which)
        versions = set(item.submitted_versions.values_list("version_id", flat=True))
        draft = Decision.objects.filter(submission=submission, criterion_id=item.criterion_id).first()
        by = draft.decider if draft and which % 3 else self.someone(which, self.stage.assessors[who])
        self.attempt(
            lambda: draft_decision(
                submission, item.criterion_id, outcome=self.outcome, sufficient=self.outcome == "achieved",
                rationale="Why" if self.good else "", feedback="What to change" if self.good else "",
                version_ids=versions, by=by, at=self.at),
            "decision: saved again" if draft else "decision: drafted",
        )  # fmt: skip

    def begin_deciding(self, who: int, which: int) -> None:
        """Sees to it that some submission waits, with a draft decision."""
        if not Submission.objects.waiting().filter(registration__in=self.stage.registrations).exists():
            self.make_ready_and_submit(who, which)
        for submission in Submission.objects.waiting().filter(opened_at__isnull=True).select_related("assessor"):
            self.open(submission, submission.assessor)
        self.decide_one(who, which - which % 8)

    def decide_again(self, who: int, which: int) -> None:
        """A draft decision is saved once more by whoever drafted it."""
        drafts = Decision.objects.filter(registration__in=self.stage.registrations, state="draft").order_by("pk")
        if not drafts.exists():
            self.begin_deciding(who, which)
        draft = self.any_of(drafts.select_related("submission", "decider"), which)
        if draft is None:
            return
        versions = set(draft.versions.values_list("pk", flat=True))
        self.attempt(
            lambda: draft_decision(
                draft.submission, draft.criterion_id, outcome=self.outcome, sufficient=self.outcome == "achieved",
                rationale="Why", feedback="What to change", version_ids=versions, by=draft.decider, at=self.at),
            "decision: saved again",
        )  # fmt: skip

    def take_a_decision_over(self, who: int, which: int) -> None:
        drafts = Decision.objects.filter(registration__in=self.stage.registrations, state="draft").order_by("pk")
        if not drafts.exists():
            self.begin_deciding(who, which)
        draft = self.any_of(drafts.select_related("submission"), which)
        if draft is None:
            return
        by = self.someone(who, next(a for a in self.stage.assessors if a.pk != draft.decider_id))
        if by.pk != draft.decider_id:
            self.attempt(lambda: take_over(draft.submission, draft.criterion_id, by=by, at=self.at) or True,
                         "decision: taken over")  # fmt: skip

    def settle(self, who: int, which: int) -> None:
        """What an assessor does mostly: judge everything, decide everything, release."""
        submission = self.submission(which)
        if submission is None or not submission.is_open:
            return
        keys = [(submission.registration_id, item.criterion_id) for item in submission.items.all()]
        last = {self.outcomes.get(key, [""])[-1] for key in keys}
        turned = "achieved" if "referred" in last and which % 2 else self.outcome
        self.settle_all(submission, self.stage.assessors[who], turned)

    def settle_all(self, submission: Submission, by: User, outcome: str) -> None:
        self.open(submission, by)
        for version in EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct():
            made = not VersionJudgement.objects.filter(version=version).exists()
            self.attempt(
                lambda v=version: judge_version(v, valid=True, authentic=True, current=True, reliable=True,
                                                note=f"Note {self.at}", by=by, at=self.at),
                "judgement: made" if made else "judgement: mended",
            )  # fmt: skip
        for item in submission.items.order_by("pk"):
            draft = Decision.objects.filter(submission=submission, criterion_id=item.criterion_id).first()
            if draft and draft.decider_id != by.pk:
                self.attempt(lambda i=item: take_over(submission, i.criterion_id, by=by, at=self.at) or True,
                             "decision: taken over")  # fmt: skip
            versions = set(item.submitted_versions.values_list("version_id", flat=True))
            self.attempt(
                lambda i=item, v=versions: draft_decision(
                    submission, i.criterion_id, outcome=outcome, sufficient=outcome == "achieved", rationale="Why",
                    feedback="What to change", version_ids=v, by=by, at=self.at),
                "decision: saved again" if draft and draft.decider_id == by.pk else "decision: drafted",
            )  # fmt: skip
        self._release(submission, by)

    def release_one(self, who: int, which: int) -> None:
        submission = self.submission(which)
        if submission is not None:
            self._release(submission, self.someone(who, self.stage.assessors[who]))

    def _release(self, submission: Submission, by: User) -> None:
        registration_id = submission.registration_id
        state = Registration.objects.get(pk=registration_id).state
        versions = EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct()
        undecided = set(versions.filter(state="submitted").values_list("pk", flat=True))
        if self.attempt(lambda: release(submission, by=by, at=self.at), "submission: released") is None:
            return
        for decision in Decision.objects.filter(submission=submission):
            key = (registration_id, decision.criterion_id)
            before = self.outcomes.setdefault(key, [])
            words = {"achieved": "achieved", "referred": "changes needed"}
            self.reached[f"decision: counts as {words[decision.outcome]}"] += 1
            if before and before[-1] != decision.outcome:
                self.reached[f"decision: {words[decision.outcome]} supersedes {words[before[-1]]}"] += 1
            before.append(decision.outcome)
            self.waiting.discard(key)
        decided = versions.filter(pk__in=undecided, state="decided").count()
        self.reached["version: submitted to decided"] += decided
        after = Registration.objects.get(pk=registration_id).state
        if (state, after) in (("active", "complete"), ("complete", "active")):
            self.reached[f"registration: {state} to {after}"] += 1

    def declare_an_interest(self, who: int, which: int) -> None:
        registration, by = self.learner(who), self.random.choice(self.stage.assessors)
        if which % 3:
            self.begin_deciding(who, which)
        draft = Decision.objects.filter(registration__in=self.stage.registrations, state="draft").first()
        if draft and which % 3:
            registration, by = self.learner_of(draft.registration_id), draft.decider
        rows = InterestDeclaration.objects.filter(registration=registration, user=by, resolved_at__isnull=True)
        if rows.exists():
            return
        had_draft = Decision.objects.filter(registration=registration, decider=by, state="draft").exists()
        self.attempt(lambda: declare_interest(registration, "family", "", by=by, at=self.at), "interest: declared")
        self.reached["interest: drops a draft"] += had_draft

    def resolve_an_interest(self, who: int, which: int) -> None:
        if not InterestDeclaration.objects.filter(resolved_at__isnull=True).exists():
            return
        declared = self.any_of(InterestDeclaration.objects.filter(resolved_at__isnull=True).order_by("pk"), which)
        by = self.someone(which, self.stage.lead)
        words = "Ended" if self.good else " "
        self.attempt(lambda: resolve_interest(declared, "cleared", words, by=by, at=self.at) or True,
                     "interest: resolved")  # fmt: skip

    def grant(self, who: int, which: int) -> None:
        registration = self.learner(who)
        used = self.attempts_of(registration)
        spent = [c for c in self.stage.criteria if used[c.pk] >= LIMIT] or self.stage.criteria
        criterion, by = self.any_of(spent, which), self.someone(which, self.stage.lead)
        self.attempt(lambda: grant_attempt(registration, criterion, "Illness", by=by, at=self.at), "attempt: granted")
        if which % 2:
            self.make_ready_and_submit(who, which)
