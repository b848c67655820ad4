"""Rule 10: decisions of an assessor who is not qualified yet are provisional until a qualified assessor other than
them has countersigned."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessment.api import (
    Decision,
    check_submission,
    destroy_held,
    draft_decision,
    place_hold,
    release,
    take,
)
from assessment.domain.check import to_check
from assessment.policies import why_not_check
from courses.framework.api import set_policy
from lms.accounts.api import Role, StaffQualification
from lms.accounts.competence import Facts, change_qualification, check_proof, record_qualification
from lms.common.errors import Refused
from portfolio.api import Submission
from tests.factories import (
    allocate_assessor,
    decide_all,
    make_learner,
    make_opened,
    make_organisation,
    make_person,
    make_ready_evidence,
    make_unqualified,
    opened,
    submit,
)

pytestmark = pytest.mark.django_db
ASSESSING = StaffQualification.Kind.ASSESSING


@pytest.fixture
def centre():
    return make_organisation("centre")


@pytest.fixture
def novice(centre):
    return make_unqualified(make_person("Nadia New", (Role.ASSESSOR, centre)))


@pytest.fixture
def registration(centre, novice):
    return make_learner(centre=centre, assessor=novice)


def handed_on(registration, novice, *codes: str) -> Submission:
    submission = make_opened(registration, *codes)
    decide_all(submission, by=novice)
    return release(submission, by=novice, at=timezone.now())


def agree(submission: Submission, by, *, agrees: bool = True, note: str = "") -> Submission:
    verdicts = {decision.pk: (agrees, note) for decision in to_check(submission, "countersign")}
    return check_submission(submission, "countersign", verdicts, by=by, at=timezone.now())


def states(submission: Submission) -> list[str]:
    return list(submission.decisions.order_by("pk").values_list("state", flat=True))


def held(user, centre, **facts) -> StaffQualification:
    """A qualification on somebody's record, proof of which an administrator of the centre has seen."""
    row = record_qualification(user, Facts(ASSESSING, "CAVA", **facts), by=user, at=timezone.now())
    return check_proof(row, by=make_person(None, (Role.CENTRE_ADMINISTRATOR, centre)), at=timezone.now())


def test_decisions_of_an_unqualified_assessor_are_provisional(registration, novice):
    submission = handed_on(registration, novice, "1.1")
    assert states(submission) == ["provisional"]
    assert submission.is_being_checked
    assert not Decision.objects.filter(released_at__isnull=False).exists()


def test_they_count_when_a_qualified_assessor_countersigns(registration, novice, centre):
    second = make_person("Quentin Held", (Role.ASSESSOR, centre))
    allocate_assessor(registration, second, "second_assessor")
    row = agree(handed_on(registration, novice, "1.1"), second)
    assert states(row) == ["counts"]
    assert row.released_at is not None


def test_nobody_countersigns_their_own_decisions(registration, novice, centre):
    submission = handed_on(registration, novice, "1.1")
    held(novice, centre, awarded_on=timezone.localdate())  # qualified since, and still not another
    with pytest.raises(Refused) as refusal:
        agree(submission, type(novice).objects.get(pk=novice.pk))
    assert refusal.value.code == "rule-10-own-decision"
    assert states(submission) == ["provisional"]


def test_an_unqualified_assessor_does_not_countersign(registration, novice, centre):
    other = make_unqualified(make_person("Olu Also-New", (Role.ASSESSOR, centre)))
    allocate_assessor(registration, other, "second_assessor")
    submission = handed_on(registration, novice, "1.1")
    refusal = why_not_check(other, submission, "countersign")
    assert refusal is not None
    assert refusal.code == "rule-10-not-qualified"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"awarded_on": timedelta()}, "counts"),
        ({"awarded_on": timedelta(-400), "expires_on": timedelta()}, "counts"),
        ({"awarded_on": timedelta(-400), "expires_on": timedelta(-1)}, "provisional"),
        ({"working_towards_since": timedelta(-10)}, "provisional"),
    ],
    ids=["awarded today", "last day", "ran out yesterday", "worked towards"],
)
def test_whether_one_is_qualified_is_asked_of_the_decision_date(registration, novice, centre, facts, state):
    days = {name: timezone.localdate() + away for name, away in facts.items()}
    held(novice, centre, **days)
    novice = type(novice).objects.get(pk=novice.pk)
    assert states(handed_on(registration, novice, "1.1")) == [state]


def test_what_nobody_has_proved_does_not_count(registration, novice):
    record_qualification(novice, Facts(ASSESSING, "CAVA", awarded_on=timezone.localdate()), by=novice,
                         at=timezone.now())  # fmt: skip
    novice = type(novice).objects.get(pk=novice.pk)
    assert states(handed_on(registration, novice, "1.1")) == ["provisional"]


def test_where_the_awarding_organisation_does_not_ask_for_it_they_count_at_once(registration, novice):
    set_policy(registration.qualification, by=None, at=timezone.now() - timedelta(days=1), countersigning=False)
    assert states(handed_on(registration, novice, "1.1")) == ["counts"]


def test_nobody_sees_proof_of_their_own_qualification(centre):
    lead = make_person("Lea Both", (Role.LEAD_IQA, centre), (Role.ASSESSOR, centre))
    row = record_qualification(lead, Facts(ASSESSING, "CAVA", awarded_on=timezone.localdate()), by=lead,
                               at=timezone.now())  # fmt: skip
    with pytest.raises(Refused) as refusal:
        check_proof(row, by=lead, at=timezone.now())
    assert refusal.value.code == "rule-10-own-proof"


def test_a_changed_record_must_be_proved_again(novice, centre):
    row = held(novice, centre, working_towards_since=timezone.localdate())
    changed = change_qualification(row, Facts(ASSESSING, "CAVA", awarded_on=timezone.localdate()), by=novice,
                                   at=timezone.now())  # fmt: skip
    assert (changed.checked_at, changed.checked_by) == (None, None)


def test_what_is_held_and_proved_cannot_be_changed(novice, centre):
    row = held(novice, centre, awarded_on=timezone.localdate())
    with pytest.raises(Refused) as refusal:
        change_qualification(row, Facts(ASSESSING, "Another", awarded_on=timezone.localdate()), by=novice,
                             at=timezone.now())  # fmt: skip
    assert refusal.value.code == "qualification-proved"


def test_what_nobody_has_countersigned_waits_though_a_qualified_colleague_decided_the_rest(
    registration, novice, centre
):
    """A hold sends one decision back while the other still waits for its first check: that one must not slip through
    with the colleague's release."""
    colleague = make_person("Quinn Qualified", (Role.ASSESSOR, centre))
    protector = make_person("Dora Data", (Role.DATA_PROTECTION, centre))
    allocate_assessor(registration, colleague)
    held = make_ready_evidence(registration, "1.1", title="Shows a name")
    make_ready_evidence(registration, "1.3", title="Shows none")
    submission, now = opened(submit(registration, "1.1", "1.3")), timezone.now()
    decide_all(submission, by=novice)
    release(submission, by=novice, at=now)
    destroy_held(place_hold(held.evidence, "A name", by=novice, at=now), "Gone", by=protector, at=now)
    assert sorted(states(submission)) == ["provisional", "reopened"]
    again = take(submission, by=colleague, at=now)
    item = again.items.get(criterion__code="1.1")
    draft_decision(again, item.criterion_id, outcome="referred", sufficient=False, rationale="Nothing is left of it",
                   feedback="Write it anew", version_ids={held.pk}, by=colleague, at=now)  # fmt: skip
    done = release(again, by=colleague, at=now)
    assert done.is_being_checked
    assert not Decision.objects.filter(state="counts").exists()
    assert agree(done, colleague).released_at is not None
    assert sorted(states(submission)) == ["counts", "counts", "superseded"]
