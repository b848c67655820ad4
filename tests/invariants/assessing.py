"""Assessors, a second assessor, a lead IQA and the data-protection role doing anything in any order, beside what must
hold of judgements, decisions, interests, dual roles, countersigning, scrutiny, holds and resubmission."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from assessment.api import (
    Decision,
    InterestDeclaration,
    VersionJudgement,
    check_submission,
    declare_interest,
    draft_decision,
    judge_version,
    open_submission,
    reassign_all,
    release,
    resolve_interest,
    take,
    take_over,
    why_not_decide,
)
from assessment.domain.check import to_check
from assessment.domain.dual_role import declare_dual_role, set_dual_role_policy
from assessment.domain.hold import ask_to_replace, destroy_held, place_hold, release_hold
from assessment.domain.object import decide_objection, object_to
from assessment.models import DualRolePolicy, Objection, SecondCheck
from assessment.policies import dual_role_rule, facts_of, waiting_for, why_not_check
from assessment.status import differences
from courses.delivery.api import CriterionStatus, Hold, Registration
from lms.accounts.api import User
from lms.audit.api import verify
from lms.common.errors import Refused, reasons_of
from portfolio.api import (
    Evidence,
    EvidenceVersion,
    Link,
    Submission,
    declare,
    save_draft,
    set_links,
    start_evidence,
    submit_criteria,
)

from .assessing_stage import ALLOWED, LEAST, TRANSITIONS, AssessingStage, changes, snapshot
from .composed import faults_now
from .recount import Recount

ACTS = {
    "hand_in": 8, "settle": 14, "check": 14, "draft_one": 6, "judge_one": 6, "declare_an_interest": 4,
    "resolve_an_interest": 6, "declare_roles": 6, "set_policy": 5, "object": 3, "answer": 4, "hold": 5,
    "end_hold": 6, "hold_what_counts": 6, "give_back": 5,
}  # fmt: skip
# Where acts in a likely order lead on to: done more often while one of these has been reached too seldom.
STORIES = {
    "story_mend": ("judgement: made to mended", "judgement: mended to mended"),
    "story_draft_dropped": ("decision: draft to dropped", "interest: open to cleared"),
    "story_countersigning": (
        "decision: provisional to counts", "decision: provisional to reopened", "decision: reopened to superseded",
        "submission: handed on to opened", "submission: handed on to released",
    ),
    "story_scrutiny": (
        "interest: open to unavoidable", "decision: draft to pending_scrutiny",
        "decision: provisional to pending_scrutiny", "decision: pending_scrutiny to counts",
        "decision: pending_scrutiny to reopened",
    ),
    "story_dual_role": (
        "policy: new to forbid", "policy: new to second_scrutiny", "policy: new to always_sampled",
        "policy: new to allow", "declaration: new to single", "release: refused for a dual role",
        "release: always sampled",
    ),
    "story_stands_aside": ("interest: open to stands_aside",),
    "story_objection": ("objection: open to upheld", "objection: open to not_upheld"),
    "story_hold": (
        "decision: held to counts", "decision: held to superseded", "decision: held to reopened",
        "hold: open to released", "hold: open to replace", "hold: open to destroyed", "hold: replace to released",
        "hold: replace to destroyed", "criterion: submitted again after it was reopened",
    ),
    "story_check_on_hold": ("check: refused while evidence is on hold",),
}  # fmt: skip
ENDS = {"released": release_hold, "replace": ask_to_replace, "destroyed": destroy_held}
KNOWN = {f"{kind}: {change}" for kind, found in ALLOWED.items() for change in found}


class AssessmentMachine(RuleBasedStateMachine):
    """Rules are acts; most are done by somebody who may, some are not and must be refused."""

    stage: AssessingStage
    salt = 0
    reached: Counter[str]
    refusals: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.at, self.steps, self.random = timezone.now(), 0, Random(0)
        self.seen = snapshot(self.stage)
        self.changed = False

    def teardown(self) -> None:
        for registration in self.stage.registrations:
            self.everything_holds(registration)
        assert list(verify()) == []
        transaction.savepoint_rollback(self.savepoint)

    @rule(seed=st.integers(min_value=0, max_value=2**32 - 1))
    def act(self, seed: int) -> None:
        """One act, some being likelier; then everything must hold. None once each transition was reached enough."""
        if all(self.reached[name] >= LEAST for name in TRANSITIONS):
            return
        self.steps += 1
        self.random = Random(f"{self.salt} {seed} {self.steps}")
        name = self.random.choices(list(ACTS), list(ACTS.values()))[0]
        wanting = [story for story, found in STORIES.items() if any(self.reached[each] < LEAST for each in found)]
        if wanting and self.random.random() < 0.85:
            name = self.random.choice(wanting)
        registration = self.random.choice(self.stage.registrations)
        getattr(self, name)(self.learner(registration.pk))
        if self.changed:
            self.everything_holds(registration)
            self.changed = False

    # Helpers

    @staticmethod
    def learner(pk: int) -> Registration:
        return Registration.objects.select_related("learner", "qualification", "cohort").get(pk=pk)

    def attempt(self, act: Callable[[], Any]) -> Any:
        """Does an act. Refused: no state has changed. Allowed: what changed state is a change that the rules know."""
        self.at += timedelta(seconds=1)
        try:
            result = act()
        except Refused as refusal:
            assert self.random.random() < 0.8 or snapshot(self.stage) == self.seen
            self.refusals.update(reason.code for reason in reasons_of(refusal))
            return None
        before, self.seen, self.changed = self.seen, snapshot(self.stage), True
        found = changes(before, self.seen)
        assert set(found) <= KNOWN, found
        self.reached.update(found)
        return result or True

    def one(self, rows: Any) -> Any:
        found = list(rows)
        return self.random.choice(found) if found else None

    def rarer(self, kind: str, ends: Sequence[str]) -> str:
        """One of these ends of an open thing: mostly the one that was reached least."""
        if self.random.random() < 0.3:
            return self.random.choice(ends)
        return min(ends, key=lambda end: self.reached[f"{kind}{end}"])

    def decider(self) -> User:
        return self.random.choice(self.stage.deciders)

    # The learner's acts

    def hand_in(self, registration: Registration, codes: set[int] | None = None) -> Submission | None:
        """A new piece for one or two criteria that do not wait for a decision, submitted."""
        waiting = registration.submissions.waiting().values("items__criterion")
        free = [c for c in self.stage.criteria if c.pk not in {row["items__criterion"] for row in waiting}]
        if codes is not None:
            free = [c for c in free if c.pk in codes]
        if not free:
            return None
        chosen = self.random.sample(free, min(len(free), self.random.randint(1, 2)))
        by = registration.learner
        states = dict(CriterionStatus.objects.filter(registration=registration).values_list("criterion_id", "status"))
        version = start_evidence(registration, kind="work_product", title="Piece", by=by, at=self.at)
        save_draft(version, text=f"Words {self.at}", by=by, at=self.at)
        set_links(version, [Link(c.pk, "page 1", "because") for c in chosen], by=by, at=self.at)
        declare(version, authentic=True, no_child_identified=True, ai_used="", by=by, at=self.at)
        last = {c.pk: Decision.objects.filter(registration=registration, criterion=c).order_by("pk").last()
                for c in chosen}  # fmt: skip
        made = self.attempt(lambda: submit_criteria(registration, {c.pk for c in chosen}, by=by, at=self.at))
        if made:
            self.reached["criterion: submitted again after changes needed"] += any(
                states[c.pk] == "referred" for c in chosen
            )
            self.reached["criterion: submitted again after it was reopened"] += any(
                decision is not None and decision.state == "reopened" for decision in last.values()
            )
        return made or None

    def object(self, registration: Registration) -> None:
        by = registration.learner if self.random.random() < 0.9 else self.stage.lead
        self.attempt(lambda: object_to(registration, self.decider(), "We fell out", by=by, at=self.at))

    # The assessors' acts

    def settle(self, registration: Registration, by: User | None = None) -> None:
        """What an assessor does mostly: take it, open it, judge everything, decide everything, release."""
        rows = Submission.objects.waiting().filter(registration=registration, handed_on_at__isnull=True)
        submission = self.one(rows.select_related("assessor")) or self.hand_in(registration)
        if submission is None or submission.is_being_checked:
            return
        by = by or self.decider()
        if by == self.stage.area_senco and facts_of(by, registration).must_declare and self.random.random() < 0.8:
            self.declare_roles(registration)
        if submission.assessor_id != by.pk:
            self.attempt(lambda: take(submission, by=by, at=self.at))
        self.attempt(lambda: open_submission(submission, by=by, at=self.at))
        for version in EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct():
            self.judge(version, by)
        for item in submission.items.order_by("pk"):
            self.decide(submission, item, by)
        self.release(submission, by)

    def judge(self, version: EvidenceVersion, by: User) -> None:
        judged = VersionJudgement.objects.filter(version=version).exists()
        if judged and self.random.random() < 0.5:
            return
        note = f"{self.at}" if judged else ""
        self.attempt(lambda: judge_version(version, valid=True, authentic=True, current=True, reliable=True, note=note,
                                           by=by, at=self.at))  # fmt: skip

    def decide(self, submission: Submission, item: Any, by: User) -> None:
        outcome = "achieved" if self.random.random() < 0.6 else "referred"
        draft = Decision.objects.filter(submission=submission, criterion=item.criterion_id, state="draft").first()
        if draft and draft.decider_id != by.pk:
            self.attempt(lambda: take_over(submission, item.criterion_id, by=by, at=self.at))
        versions = set(item.submitted_versions.values_list("version_id", flat=True))
        self.attempt(lambda: draft_decision(
            submission, item.criterion_id, outcome=outcome, sufficient=outcome == "achieved", rationale="Why",
            feedback="What to change", version_ids=versions, by=by, at=self.at,
        ))  # fmt: skip

    def release(self, submission: Submission, by: User) -> None:
        forbidden = self.refusals["rule-09-forbidden"]
        done = self.attempt(lambda: release(submission, by=by, at=self.at))
        self.reached["release: refused for a dual role"] += self.refusals["rule-09-forbidden"] - forbidden
        if done:
            sampled = done.decisions.filter(decider=by, always_sample=True, state__in=["counts", "provisional"])
            self.reached["release: always sampled"] += sampled.exists()

    def judge_one(self, registration: Registration) -> None:
        version = self.one(EvidenceVersion.objects.filter(evidence__registration=registration).order_by("pk"))
        if version:
            self.judge(version, self.decider())

    def draft_one(self, registration: Registration) -> None:
        submission = self.one(Submission.objects.waiting().filter(registration=registration).order_by("pk"))
        if submission is None:
            return
        by = self.decider()
        self.attempt(lambda: open_submission(submission, by=submission.assessor, at=self.at))
        self.decide(submission, self.one(submission.items.order_by("pk")), by)

    def check(self, registration: Registration) -> None:
        """A second assessor looks at what waits for one; if nothing does, somebody whose work needs it decides."""
        rows = Submission.objects.being_checked().filter(registration=registration).order_by("pk")
        submission = self.one(rows)
        if submission is None:
            return self.settle(registration, self.random.choice([self.stage.trainee_assessor, self.stage.area_senco]))
        kind = waiting_for(submission)
        if self.random.random() < 0.05:
            kind = "scrutiny" if kind == "countersign" else "countersign"
        by = self.stage.checker if self.random.random() < 0.85 else self.decider()
        verdicts = {decision.pk: (self.random.random() < 0.75, "Look again") for decision in to_check(submission, kind)}
        held = self.refusals["rule-04-hold"]
        self.attempt(lambda: check_submission(submission, kind, verdicts, by=by, at=self.at))
        self.reached["check: refused while evidence is on hold"] += self.refusals["rule-04-hold"] > held
        return None

    # Interests, dual roles, objections

    def declare_an_interest(self, registration: Registration) -> None:
        draft = self.one(Decision.objects.filter(registration=registration, state="draft").order_by("pk"))
        by = draft.decider if draft and self.random.random() < 0.7 else self.decider()
        open_ones = InterestDeclaration.objects.filter(registration=registration, resolved_at__isnull=True)
        if open_ones.filter(user=by).exists():
            return
        kind = self.random.choice(["family", "money", "friendship"])
        self.attempt(lambda: declare_interest(registration, kind, "", by=by, at=self.at))

    def resolve_an_interest(self, registration: Registration) -> None:
        declared = self.one(InterestDeclaration.objects.filter(resolved_at__isnull=True).order_by("pk"))
        if declared is None:
            return self.declare_an_interest(registration)
        outcome = self.rarer("interest: open to ", ["cleared", "unavoidable", "stands_aside"])
        by = self.stage.lead if self.random.random() < 0.9 else self.decider()
        self.attempt(lambda: resolve_interest(declared, outcome, "Looked at", by=by, at=self.at))
        return None

    def declare_roles(self, registration: Registration) -> None:
        roles = ["supports"] if self.random.random() < 0.6 else []
        by = self.stage.area_senco if self.random.random() < 0.9 else self.stage.checker
        self.attempt(lambda: declare_dual_role(registration, roles, "", by=by, at=self.at))

    def set_policy(self, _: Registration) -> None:
        rule = self.rarer("policy: new to ", DualRolePolicy.Rule.values)
        by = self.stage.administrator if self.random.random() < 0.9 else self.stage.lead
        self.attempt(lambda: set_dual_role_policy(self.stage.ao, "foundation", rule, national_award=False, by=by,
                                                  at=self.at))  # fmt: skip

    def answer(self, registration: Registration) -> None:
        objection = self.one(Objection.objects.filter(decided_at__isnull=True).order_by("pk"))
        if objection is None:
            return self.object(registration)
        outcome = self.rarer("objection: open to ", ["upheld", "not_upheld"])
        by = self.stage.lead if self.random.random() < 0.9 else self.stage.checker
        self.attempt(lambda: decide_objection(objection, outcome, "Considered", by=by, at=self.at))
        return None

    # Holds

    def hold(self, registration: Registration, evidence: Evidence | None = None) -> None:
        evidence = evidence or self.one(Evidence.objects.filter(registration=registration).order_by("pk"))
        if evidence is None:
            return
        by = self.random.choice([registration.learner, *self.stage.deciders, self.stage.lead])
        self.attempt(lambda: place_hold(evidence, "A name can be read", by=by, at=self.at))

    def hold_what_counts(self, registration: Registration) -> None:
        """Evidence of a decision that counts, or waits for a check, is put on hold; the learner may go on without."""
        states = ["counts", "provisional", "pending_scrutiny"]
        decision = self.one(Decision.objects.filter(registration=registration, state__in=states).order_by("pk"))
        if decision is None:
            return
        self.hold(registration, decision.versions.first().evidence)
        if self.random.random() < 0.4:
            self.hand_in(registration, {decision.criterion_id})
            self.settle(registration)

    def end_hold(self, registration: Registration) -> None:
        hold = self.one(Hold.objects.hiding().filter(registration=registration).order_by("pk"))
        if hold is None:
            return self.hold_what_counts(registration)
        act = ENDS[self.rarer(f"hold: {hold.state} to ", [end for end in ENDS if end != hold.state])]
        by = self.stage.protector if self.random.random() < 0.9 else self.stage.lead
        self.attempt(lambda: act(hold, "Looked at", by=by, at=self.at))
        return None

    def give_back(self, registration: Registration) -> None:
        """What was destroyed is handed in anew."""
        rows = Decision.objects.filter(registration=registration, state="reopened")
        decision = self.one(rows.filter(submission__released_at__isnull=False).order_by("pk"))
        if decision is not None:
            self.hand_in(registration, {decision.criterion_id})

    # Stories

    def story_mend(self, registration: Registration) -> None:
        submission = self.hand_in(registration)
        if submission is None:
            return
        self.attempt(lambda: open_submission(submission, by=submission.assessor, at=self.at))
        for version in EvidenceVersion.objects.filter(submitted_for__submission=submission).distinct():
            for note in ("", "Once", "Twice"):
                self.attempt(lambda n=note, v=version: judge_version(
                    v, valid=True, authentic=True, current=True, reliable=True, note=n, by=submission.assessor,
                    at=self.at))  # fmt: skip

    def story_draft_dropped(self, registration: Registration) -> None:
        submission = self.hand_in(registration)
        if submission is None:
            return
        by = submission.assessor
        self.attempt(lambda: open_submission(submission, by=by, at=self.at))
        self.decide(submission, submission.items.first(), by)
        self.with_interest(registration, by, "cleared")

    def with_interest(self, registration: Registration, by: User, outcome: str) -> None:
        """Somebody declares an interest, and the lead IQA resolves it so."""
        declared = self.attempt(lambda: declare_interest(registration, "family", "", by=by, at=self.at))
        if declared and declared.resolved_at is None:
            self.attempt(lambda: resolve_interest(declared, outcome, "Looked at", by=self.stage.lead, at=self.at))

    def story_countersigning(self, registration: Registration) -> None:
        by = self.stage.trainee_assessor
        self.settle(registration, by)
        self.check(registration)
        self.settle(registration, by)
        self.check(registration)

    def story_scrutiny(self, registration: Registration) -> None:
        by = self.random.choice([self.stage.trainee_assessor, self.stage.qualified[0]])
        self.with_interest(registration, by, "unavoidable")
        self.settle(registration, by)
        self.check(registration)
        self.check(registration)

    def story_dual_role(self, registration: Registration) -> None:
        self.set_policy(registration)
        self.declare_roles(registration)
        self.settle(registration, self.stage.area_senco)

    def story_stands_aside(self, registration: Registration) -> None:
        by = self.random.choice([self.stage.area_senco, self.stage.checker])
        self.with_interest(registration, by, "stands_aside")

    def story_objection(self, registration: Registration) -> None:
        self.object(registration)
        self.answer(registration)

    def story_hold(self, registration: Registration) -> None:
        counting = Decision.objects.filter(registration=registration, state="counts", is_held=False)
        if not counting.exists():
            self.settle(registration, self.stage.qualified[1])
        self.hold_what_counts(registration)
        if self.random.random() < 0.3:
            self.check(registration)
        for _ in range(self.random.randint(1, 2)):
            self.end_hold(registration)
        self.give_back(registration)

    def story_check_on_hold(self, registration: Registration) -> None:
        """A name is reported in what waits for a second check."""
        self.settle(registration, self.stage.trainee_assessor)
        decision = self.one(Decision.objects.filter(registration=registration, state="provisional").order_by("pk"))
        if decision is None:
            return
        self.hold(registration, decision.versions.first().evidence)
        self.check(registration)
        self.end_hold(registration)

    # What must hold

    def everything_holds(self, registration: Registration) -> None:
        """After every act, of the learner whom it was about; at the end, of each."""
        self.everything_stands_in_a_queue()
        row = self.learner(registration.pk)
        assert list(differences(row)) == []
        counting = {
            d.criterion_id: (d.pk, d.outcome)
            for d in Decision.objects.filter(registration=row, state="counts", is_held=False)
        }
        assert Recount(row).counting() == counting
        statuses = CriterionStatus.objects.filter(registration=row, status="achieved")
        achieved = {pk for pk, (_, outcome) in counting.items() if outcome == "achieved"}
        assert set(statuses.values_list("criterion_id", flat=True)) == achieved
        assert row.state == ("complete" if achieved == {c.pk for c in self.stage.criteria} else "active")
        self.each_decision_is_fair(row)

    def everything_stands_in_a_queue(self) -> None:
        """Once the worker has moved what an upheld objection left, unless nobody is left who may decide or check."""
        reassign_all(at=self.at)
        for fault in faults_now():
            if fault.kind == "in-no-lane":
                waits = Submission.objects.get(pk=fault.submission_id)
                people, kind = (*self.stage.deciders, self.stage.checker), waiting_for(waits)
                assert all(why_not_check(user, waits, kind) for user in people), fault
                continue
            assert fault.kind == "in-no-queue", fault
            row = self.learner(fault.registration_id)
            refusals = [why_not_decide(user, row, at=self.at) for user in self.stage.deciders]
            assert all(no is not None and no.code != "rule-09-undeclared" for no in refusals), fault

    def each_decision_is_fair(self, registration: Registration) -> None:
        """What counts has had each check that it needed, by somebody else without interest."""
        held = set(Hold.objects.hiding().values_list("subject", flat=True))
        rows = Decision.objects.filter(registration=registration).exclude(state="draft")
        for decision in rows.prefetch_related("checks", "versions__evidence", "versions__judgement"):
            assert decision.decider_id != registration.learner_id
            agreed = {check.kind: check for check in decision.checks.all() if check.agrees}
            assert all(check.checked_by_id not in (decision.decider_id, registration.learner_id)
                       for check in decision.checks.all())  # fmt: skip
            if decision.decider_id == self.stage.trainee_assessor.pk:
                assert decision.needs_countersigning
            if decision.state == "counts":
                assert not decision.needs_countersigning or SecondCheck.Kind.COUNTERSIGN in agreed
                assert not decision.scrutiny_for or SecondCheck.Kind.SCRUTINY in agreed
                on_hold = any(version.evidence.ref in held for version in decision.versions.all())
                assert decision.is_held == on_hold
            if decision.dual_role:
                assert decision.dual_role != DualRolePolicy.Rule.FORBID
        assert dual_role_rule(registration)[0] in DualRolePolicy.Rule.values
