"""Rule 1: a draft is submitted by its learner, with a criterion, content and the authenticity declaration."""

from datetime import timedelta

import pytest
from django.urls import reverse

from courses.delivery.api import Registration, end_allocation, set_state
from lms.common.jobs import Job
from portfolio.api import EvidenceVersion, SubmittedVersion, candidates, declare, save_draft, start_evidence
from portfolio.domain.attach import remove_file
from portfolio.policies import missing_before_submitting
from tests.factories import World, criterion, make_draft, make_file, make_ready_evidence, make_submission, submit
from tests.factories.work import criterion_ids
from tests.helpers import actions_since, last_event, last_notice, nothing_changes, refused, statuses, told_since


def test_a_ready_draft_is_submitted_and_frozen(world: World, at):
    version = make_ready_evidence(world.registration, "1.1", "1.2.a")
    event, notice = last_event(), last_notice()
    submission = submit(world.registration, "1.1", "1.2.a", at=at)
    version.refresh_from_db()
    assert (version.state, version.submitted_at) == ("submitted", at)
    assert statuses(world.registration) == {"1.1": "submitted", "1.2.a": "submitted"}
    assert set(SubmittedVersion.objects.values_list("item__criterion__code", "version_id")) == {
        ("1.1", version.pk),
        ("1.2.a", version.pk),
    }
    assert (submission.number, submission.assessor, submission.due_on) == (
        1,
        world.assessor,
        at.date() + timedelta(days=14),
    )
    assert actions_since(event) == ["submission.submitted"]
    assert told_since(notice) == [("Asha Patel", "submission")]


def test_the_assessor_is_told_with_the_address_of_the_workspace_and_an_email_job(world: World, at):
    submission = make_submission(world.registration, "1.1")
    told = world.assessor.notices.get()
    assert told.title == "Tara Walsh has submitted 1 criterion for you to assess"
    assert told.url == reverse("assessment:workspace", args=[submission.ref])
    sent = Job.objects.filter(kind="notices.send_email", key=f"notice-email-{told.pk}")
    assert sent.get().payload == {"notice_id": told.pk}


def test_saving_a_draft_is_never_refused_for_what_is_missing(world: World, at):
    version = start_evidence(world.registration, kind="work_product", title="A title", by=world.trainee, at=at)
    saved = save_draft(version, text="", by=world.trainee, at=at)
    assert (saved.state, saved.text) == ("draft", "")
    assert save_draft(version, text="Half a sen", by=world.trainee, at=at).text == "Half a sen"


def test_everything_that_is_missing_is_named_at_once_with_where_to_mend_it(world: World, at):
    version = make_draft(world.registration, "1.1", text="")
    with refused("rule-01-content", "rule-03-child-identity", "rule-01-authenticity") as caught:
        submit(world.registration, "1.1")
    ref = version.evidence.ref
    assert [reason.fix_url for reason in caught.value.reasons] == [
        reverse("portfolio:evidence_write", args=[ref]),
        reverse("portfolio:evidence_declare", args=[ref]),
        reverse("portfolio:evidence_declare", args=[ref]),
    ]


def test_a_file_that_was_not_taken_stands_in_the_way_until_it_is_removed(world: World, at):
    version = make_draft(world.registration, "1.1")
    file = make_file(version, "opens.pdf", b"%PDF-broken", at=at)
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    with refused("rule-01-file-refused") as caught:
        submit(world.registration, "1.1")
    [reason] = caught.value.reasons
    assert reason.message == "1.1: “Working with a family” has a file that was not taken. Remove it first."
    assert reason.fix_url == reverse("portfolio:evidence_files", args=[version.evidence.ref])
    remove_file(file, by=world.trainee, at=at)
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    assert submit(world.registration, "1.1").pk


def test_blanks_are_not_content(world: World):
    make_ready_evidence(world.registration, "1.1", text=" \n\t ")
    with refused("rule-01-content"):
        submit(world.registration, "1.1")


@pytest.mark.parametrize(
    ("text", "files", "links", "identity", "authentic", "missing"),
    [
        ("words", False, True, True, True, []),
        ("", True, True, True, True, []),
        ("", False, False, False, False, ["content", "criteria", "child-identity", "authenticity"]),
        ("words", False, False, True, True, ["criteria"]),
        ("words", False, True, False, True, ["child-identity"]),
        ("words", False, True, True, False, ["authenticity"]),
    ],
)
def test_what_a_version_lacks(at, text, files, links, identity, authentic, missing):
    version = EvidenceVersion(
        text=text,
        child_identity_declared_at=at if identity else None,
        authenticity_declared_at=at if authentic else None,
    )
    assert missing_before_submitting(version, file_states={"ready"} if files else (), has_links=links) == missing


def test_a_criterion_without_evidence_is_refused_with_where_to_add_it(world: World):
    with refused("rule-01-no-evidence") as caught:
        submit(world.registration, "1.1")
    assert caught.value.reasons[0].fix_url == f"{reverse('portfolio:evidence_new')}?criterion=1.1"


def test_the_declaration_is_for_what_this_version_says(world: World, at):
    version = make_ready_evidence(world.registration, "1.1")
    save_draft(version, text="Something else", by=world.trainee, at=at)
    with refused("rule-03-child-identity", "rule-01-authenticity"):
        submit(world.registration, "1.1")
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    submit(world.registration, "1.1")


def test_saving_the_same_again_keeps_the_declarations(world: World, at):
    version = make_ready_evidence(world.registration, "1.1")
    with nothing_changes():
        save_draft(version, text=version.text, title=version.title, by=world.trainee, at=at)


def test_only_the_learner_submits(world: World):
    make_ready_evidence(world.registration, "1.1")
    ids = set(criterion_ids(world.registration, ("1.1",)).values())
    from portfolio.api import submit_criteria

    for person in (world.assessor, world.other_trainee, world.other.trainee, world.centre_admin):
        with refused("rule-01-owner"):
            submit_criteria(world.registration, ids, by=person, at=world.registration.learner.date_joined)


@pytest.mark.parametrize("state", ["break", "withdrawn", "suspended", "claimed", "awarded"])
def test_a_closed_registration_takes_no_submission_and_no_draft(world: World, at, state: str):
    version = make_ready_evidence(world.registration, "1.1")
    set_state(world.registration, Registration.State(state), by=None, role="system", at=at)
    with refused("registration-closed"):
        submit(world.registration, "1.1")
    with refused("registration-closed"):
        save_draft(version, text="More", by=world.trainee, at=at)


def test_nothing_chosen_is_refused(world: World):
    with refused("nothing-chosen"):
        submit(world.registration)


def test_a_criterion_of_no_qualification_of_mine_is_refused(world: World, at):
    from portfolio.api import submit_criteria

    make_ready_evidence(world.registration, "1.1")
    with refused("criterion-unknown"):
        submit_criteria(world.registration, {criterion("1.1").pk, 999_999}, by=world.trainee, at=at)


def test_a_criterion_waits_in_one_submission_at_a_time(world: World):
    make_submission(world.registration, "1.1")
    make_ready_evidence(world.registration, "1.1", title="Another piece")
    with refused("already-submitted"):
        submit(world.registration, "1.1")


def test_one_refused_criterion_holds_all_of_them_back(world: World):
    make_ready_evidence(world.registration, "1.1")
    with refused("rule-01-no-evidence"):
        submit(world.registration, "1.1", "4.8")


def test_without_an_assessor_nothing_is_submitted_and_the_evidence_is_kept(world: World, at):
    make_ready_evidence(world.registration, "1.1")
    for allocation in world.registration.allocations.all():
        end_allocation(allocation, ends_on=allocation.starts_on, by=None, at=at)
    with refused("no-assessor"):
        submit(world.registration, "1.1")


def test_candidates_say_for_each_criterion_what_stands_in_the_way(world: World, at):
    make_ready_evidence(world.registration, "1.1")
    make_draft(world.registration, "1.2.a", "1.2.b")
    make_submission(world.registration, "4.8")
    found = {c.criterion.code: [r.code for r in c.reasons] for c in candidates(world.registration, at=at)}
    undeclared = ["rule-03-child-identity", "rule-01-authenticity"]
    assert found == {"1.1": [], "1.2.a": undeclared, "1.2.b": undeclared, "4.8": ["already-submitted"]}


def test_candidates_take_the_same_queries_for_one_piece_and_for_three(world: World, at, queries):
    make_ready_evidence(world.registration, "1.1")
    registration = Registration.objects.select_related("qualification").get(pk=world.registration.pk)
    candidates(world.registration, at=at)  # the specification is read once and kept
    with queries(5):
        candidates(registration, at=at)
    make_ready_evidence(world.registration, "1.2.a")
    make_ready_evidence(world.registration, "4.8")
    with queries(5):
        candidates(registration, at=at)
