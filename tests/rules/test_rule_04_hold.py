"""Rule 4: a child may be recognised in evidence. It is on hold at once, and then released, replaced or destroyed."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from assessment.api import (
    Decision,
    ask_to_replace,
    destroy_held,
    draft_decision,
    hand_in_replacement,
    judge_version,
    place_hold,
    release,
    release_hold,
)
from assessment.models import Annotation
from assessment.status import differences
from courses.delivery.api import Hold, Registration
from lms.accounts.api import Role, User
from lms.audit.models import AuditEvent
from lms.common import jobs
from lms.common.models import Job
from portfolio.api import (
    EvidenceFile,
    EvidenceLink,
    EvidenceVersion,
    declare,
    discard_draft,
    new_version,
    restore_draft,
    save_draft,
    submit_criteria,
    withdraw,
)
from portfolio.domain import destroy
from portfolio.domain.bin import purge_bins
from portfolio.domain.share import share_with_setting
from portfolio.files import store_room
from portfolio.models import Evidence, FileRendition, Report, Tombstone, Upload
from portfolio.queries import files_for
from tests.factories import (
    World,
    criterion,
    decide_all,
    judge_all,
    make_draft,
    make_file,
    make_person,
    make_ready_evidence,
    opened,
    settle,
    submit,
)
from tests.factories.work import FEEDBACK, RATIONALE
from tests.helpers import actions_since, last_event, last_notice, refused, statuses, told_since

pytestmark = pytest.mark.django_db
WHY, ANSWER = "The photograph shows a face.", "The face is turned away: nobody can tell who it is."


@pytest.fixture
def dora(world: World) -> User:
    """Who protects data at the centre."""
    return make_person("Dora Quist", (Role.DATA_PROTECTION, world.centre))


def with_file(world: World, *codes: str) -> EvidenceVersion:
    """A piece with a text and a file, ready to submit."""
    version = make_draft(world.registration, *codes, title="The picture wall")
    make_file(version, "wall.txt", b"Ayesha stands on the left")
    return declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())


def hold(version: EvidenceVersion, by: User) -> Hold:
    return place_hold(version.evidence, WHY, by=by, at=timezone.now())


def sees(user: User, version: EvidenceVersion) -> set[str]:
    """Which doors open to somebody."""
    user = User.objects.get(pk=user.pk)
    found = {
        "evidence": Evidence.objects.visible_to(user).filter(pk=version.evidence_id).exists(),
        "version": EvidenceVersion.objects.visible_to(user).filter(pk=version.pk).exists(),
        "files": files_for(user).filter(version=version).exists(),
    }
    return {door for door, opens in found.items() if opens}


ALL = {"evidence", "version", "files"}


def rebuilt(world: World) -> list[str]:
    return list(differences(Registration.objects.get(pk=world.registration.pk)))


# Who sees it


def test_a_hold_hides_evidence_from_all_but_owner_reporter_and_the_data_protection_role(world: World, dora: User):
    version = with_file(world, "1.1")
    share_with_setting(version.evidence, by=world.trainee, at=timezone.now())
    submit(world.registration, "1.1")
    readers = [world.trainee, world.assessor, world.second_assessor, world.iqa, world.setting_manager]
    assert [sees(user, version) for user in readers] == [ALL] * 5  # what is hidden then could be seen
    assert sees(dora, version) == set()
    hold(version, world.second_assessor)
    hidden = {user.name: sees(user, version) for user in [*readers, dora]}
    assert hidden == {"Tara Walsh": ALL, "Asha Patel": set(), "Ben Okoro": ALL, "Ivo Novak": set(), "Sam Field": set(),
                      "Dora Quist": ALL}  # fmt: skip


def test_the_data_protection_role_of_another_centre_sees_nothing(world: World, dora: User):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    foreign = make_person("Filip", (Role.DATA_PROTECTION, world.other.centre))
    placed = hold(version, world.assessor)
    assert sees(foreign, version) == set()
    assert not Hold.objects.visible_to(foreign).exists()
    assert list(Hold.objects.visible_to(dora)) == [placed]
    with refused("rule-04-right"):
        release_hold(placed, ANSWER, by=foreign, at=timezone.now())


@pytest.mark.parametrize("who", ["trainee", "assessor", "iqa", "setting_manager"])
def test_whoever_reads_evidence_may_report_it(world: World, dora: User, who: str):
    version = with_file(world, "1.1")
    share_with_setting(version.evidence, by=world.trainee, at=timezone.now())
    submit(world.registration, "1.1")
    by, told = getattr(world, who), last_notice()
    hold(version, by)
    expected = [("Dora Quist", "hold")] + [("Tara Walsh", "hold")] * (who != "trainee")
    assert told_since(told) == expected


def test_somebody_who_cannot_read_evidence_cannot_report_it(world: World):
    version = with_file(world, "1.1")
    for who in (world.assessor, world.other_trainee, world.setting_manager, world.lead_iqa):
        with refused("rule-04-reader"):  # a draft is its learner's alone
            hold(version, who)


def test_a_report_says_why_and_the_same_piece_is_held_once(world: World):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    with refused("rule-04-reason"):
        place_hold(version.evidence, "  ", by=world.assessor, at=timezone.now())
    hold(version, world.assessor)
    with refused("rule-04-held"):
        hold(version, world.trainee)


def test_without_a_data_protection_role_the_administrators_are_told_to_name_one(world: World):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    told = last_notice()
    hold(version, world.assessor)
    assert ("Cleo Marsh", "hold") in told_since(told)


def test_documents_made_of_the_portfolio_go_when_a_hold_is_placed(world: World):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    stored = store_room().save("reports/sheet.pdf", make_bytes())
    Report.objects.create(registration=world.registration, kind="location_sheet", asked_by=world.assessor,
                          asked_at=timezone.now(), made_at=timezone.now(), stored_as=stored)  # fmt: skip
    hold(version, world.second_assessor)
    assert not Report.objects.exists()
    run_destroying()
    assert not store_room().exists(stored)


def make_bytes():
    from django.core.files.base import ContentFile

    return ContentFile(b"%PDF-1.7 The picture wall")


# What it does


def test_decisions_do_not_count_while_their_evidence_is_on_hold_and_count_again(world: World, dora: User):
    version = with_file(world, "1.1", "1.2.a")
    settle(submit(world.registration, "1.1", "1.2.a"), by=world.assessor, outcomes={"1.2.a": "referred"})
    before = statuses(world.registration)
    placed, events = hold(version, world.assessor), last_event()
    assert statuses(world.registration) == {"1.1": "on_hold", "1.2.a": "on_hold"}
    assert set(Decision.objects.values_list("state", "is_held")) == {("counts", True)}
    assert rebuilt(world) == []
    release_hold(placed, ANSWER, by=dora, at=timezone.now())
    assert statuses(world.registration) == before == {"1.1": "achieved", "1.2.a": "referred"}
    assert sees(world.iqa, version) == ALL
    assert rebuilt(world) == []
    assert actions_since(events) == ["hold.released"]


def test_a_qualification_is_not_complete_while_a_hold_stands(world: World, dora: User, monkeypatch):
    version = with_file(world, "1.1")
    settle(submit(world.registration, "1.1"), by=world.assessor)
    mine = Registration.objects.get(pk=world.registration.pk)
    achieved = lambda row, at: not row.criterion_statuses.filter(status="on_hold").exists()  # noqa: E731
    monkeypatch.setattr("assessment.domain.counting.is_complete", achieved)
    Registration.objects.filter(pk=mine.pk).update(state="complete")
    placed = hold(version, world.assessor)
    mine.refresh_from_db()
    assert mine.state == "active"
    release_hold(placed, ANSWER, by=dora, at=timezone.now())
    mine.refresh_from_db()
    assert mine.state == "complete"


@pytest.mark.parametrize("state", ["claimed", "awarded"])
def test_an_award_already_made_is_not_undone(world: World, dora: User, state: str):
    version = with_file(world, "1.1")
    settle(submit(world.registration, "1.1"), by=world.assessor)
    Registration.objects.filter(pk=world.registration.pk).update(state=state)
    placed = hold(version, world.assessor)
    destroy_held(placed, WHY, by=dora, at=timezone.now())
    assert Registration.objects.get(pk=world.registration.pk).state == state
    assert Decision.objects.get().state == "counts"
    assert statuses(world.registration) == {"1.1": "achieved"}
    assert rebuilt(world) == []


def test_nothing_is_judged_decided_or_released_on_hold(world: World):
    version = with_file(world, "1.1")
    submission = submit(world.registration, "1.1")
    decide_all(submission, by=world.assessor)
    hold(version, world.second_assessor)
    tests = {"valid": True, "authentic": True, "current": True, "reliable": False}
    with refused("rule-04-hold"):
        judge_version(version, **tests, note="No", by=world.assessor, at=timezone.now())
    with refused("rule-04-hold"):
        draft_decision(submission, criterion("1.1").pk, version_ids={version.pk}, by=world.assessor, at=timezone.now())
    with refused("rule-04-hold"):
        release(submission, by=world.assessor, at=timezone.now())
    assert statuses(world.registration) == {"1.1": "on_hold"}
    assert rebuilt(world) == []


def test_a_draft_on_hold_stays_as_it_is_and_is_not_submitted(world: World):
    version = with_file(world, "1.1")
    hold(version, world.trainee)
    with refused("rule-04-hold"):
        save_draft(version, text="Other", by=world.trainee, at=timezone.now())
    with refused("rule-04-hold"):
        discard_draft(version, by=world.trainee, at=timezone.now())
    with refused("rule-04-hold"):
        submit_criteria(world.registration, {criterion("1.1").pk}, by=world.trainee, at=timezone.now())


def test_other_evidence_of_the_criterion_is_submitted_without_what_is_on_hold(world: World):
    version = with_file(world, "1.1")
    hold(version, world.trainee)
    other = make_ready_evidence(world.registration, "1.1", title="Another piece")
    submission = submit(world.registration, "1.1")
    assert list(submission.items.get().versions.all()) == [other]


def test_a_submission_is_not_taken_back_while_part_of_it_is_on_hold(world: World, dora: User):
    version = with_file(world, "1.1")
    submission = submit(world.registration, "1.1")
    placed = hold(version, world.assessor)
    with refused("rule-04-hold"):
        withdraw(submission, by=world.trainee, at=timezone.now())
    release_hold(placed, ANSWER, by=dora, at=timezone.now())
    withdraw(submission, by=world.trainee, at=timezone.now())


def test_what_is_in_the_bin_does_not_come_out_of_a_hold(world: World, settings):
    first = with_file(world, "1.1")
    submit(world.registration, "1.1")
    draft = new_version(first.evidence, by=world.trainee, at=timezone.now())
    discard_draft(draft, by=world.trainee, at=timezone.now())
    hold(first, world.assessor)
    with refused("rule-04-hold"):
        restore_draft(draft, by=world.trainee, at=timezone.now())
    purge_bins(timezone.now() + timedelta(days=settings.BIN_DAYS + 1))
    assert EvidenceVersion.objects.filter(pk=draft.pk).exists()


# Replacing


def test_a_new_version_of_what_is_on_hold_has_its_words_and_none_of_its_files(world: World):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    hold(version, world.assessor)
    made = new_version(version.evidence, by=world.trainee, at=timezone.now())
    assert (made.number, made.text, list(made.files.all())) == (2, version.text, [])
    assert not made.is_declared
    save_draft(made, text="Nobody is named here.", by=world.trainee, at=timezone.now())


def asked(world: World, dora: User, version: EvidenceVersion) -> EvidenceVersion:
    """Reported by the second assessor, and the learner was asked to replace it; the new version is ready."""
    ask_to_replace(hold(version, world.second_assessor), WHY, by=dora, at=timezone.now())
    made = new_version(version.evidence, by=world.trainee, at=timezone.now())
    save_draft(made, text="Nobody can be recognised here.", by=world.trainee, at=timezone.now())
    return declare(made, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())


def test_a_replacement_takes_the_place_of_what_waits_in_the_same_attempt(world: World, dora: User):
    version = with_file(world, "1.1")
    submission = opened(submit(world.registration, "1.1"))
    made = asked(world, dora, version)
    assert statuses(world.registration) == {"1.1": "on_hold"}
    told = last_notice()
    hand_in_replacement(version.evidence, by=world.trainee, at=timezone.now())
    assert statuses(world.registration) == {"1.1": "submitted"}
    assert told_since(told) == [("Asha Patel", "submission")]
    assert submission.items.get().attempt == 1
    assert (sees(world.assessor, made), sees(world.assessor, version)) == ({"evidence", "version"}, {"evidence"})
    tests = {"valid": True, "authentic": True, "current": True, "reliable": True}
    judge_version(made, **tests, by=world.assessor, at=timezone.now())
    draft_decision(submission, criterion("1.1").pk, outcome="achieved", sufficient=True, rationale=RATIONALE,
                   version_ids={made.pk}, by=world.assessor, at=timezone.now())  # fmt: skip
    release(submission, by=world.assessor, at=timezone.now())
    assert statuses(world.registration) == {"1.1": "achieved"}
    assert rebuilt(world) == []


def test_a_replacement_of_what_is_decided_is_submitted_normally_and_supersedes(world: World, dora: User):
    version = with_file(world, "1.1")
    settle(submit(world.registration, "1.1"), by=world.assessor)
    made = asked(world, dora, version)
    with refused("rule-04-nothing-waits"):
        hand_in_replacement(version.evidence, by=world.trainee, at=timezone.now())
    settle(submit(world.registration, "1.1"), by=world.assessor)
    assert list(Decision.objects.order_by("pk").values_list("state", "is_held")) == [("superseded", False),
                                                                                   ("counts", False)]  # fmt: skip
    assert statuses(world.registration) == {"1.1": "achieved"}
    assert list(Decision.objects.latest("pk").versions.all()) == [made]
    assert rebuilt(world) == []


def test_a_replacement_is_refused_until_it_is_ready(world: World, dora: User):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    ask_to_replace(hold(version, world.assessor), WHY, by=dora, at=timezone.now())
    with refused("rule-04-new-version"):
        hand_in_replacement(version.evidence, by=world.trainee, at=timezone.now())
    new_version(version.evidence, by=world.trainee, at=timezone.now())
    with refused("rule-03-child-identity", "rule-01-authenticity"):
        hand_in_replacement(version.evidence, by=world.trainee, at=timezone.now())


def test_a_later_version_that_is_reported_comes_into_one_hold_with_the_earlier(world: World, dora: User):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    made = asked(world, dora, version)
    hand_in_replacement(version.evidence, by=world.trainee, at=timezone.now())
    again = hold(made, world.assessor)
    assert again.through_number == 2
    assert [sees(world.second_assessor, row) for row in (version, made)] == [set(), set()]
    assert statuses(world.registration) == {"1.1": "on_hold"}
    assert rebuilt(world) == []


# Destroying


def run_destroying() -> None:
    """Runs the jobs that destroy bytes, as a worker would."""
    for pk in Job.objects.filter(kind=destroy.DESTROY, state=Job.State.QUEUED).values_list("pk", flat=True):
        jobs.run(pk)


def test_destroying_leaves_a_tombstone_and_nothing_else(world: World, dora: User):
    version = with_file(world, "1.1")
    submission = submit(world.registration, "1.1")
    judge_all(submission, by=world.assessor)
    Annotation.objects.create(submission=submission, version=version, text="Ayesha?", written_by=world.assessor,
                              written_at=timezone.now())  # fmt: skip
    stored = version.files.get().stored_as
    words, size = version.words, version.files.get().size + len(version.text.encode())
    placed = hold(version, world.assessor)
    events = last_event()
    destroy_held(placed, "A face and a name.", by=dora, at=timezone.now())
    run_destroying()
    version = EvidenceVersion.objects.get(pk=version.pk)
    stone = Tombstone.objects.get(version=version)
    assert (stone.words, stone.files, stone.size, stone.reason) == (words, 1, size, "A face and a name.")
    assert (version.title, version.text, version.number) == (destroy.GONE_TITLE, "", 1)
    assert list(version.links.values_list("where", "why")) == [("", "")]
    assert not EvidenceFile.objects.exists()
    assert not FileRendition.objects.exists()
    assert not Annotation.objects.exists()
    assert not store_room().exists(stored)
    assert Hold.objects.get().reason == ""
    assert actions_since(events) == ["hold.destroyed"]
    event = json.loads(AuditEvent.objects.latest("pk").canonical)["changes"]
    assert stored in event["stored"]


def test_the_database_and_the_store_hold_no_word_of_what_was_destroyed(world: World, dora: User):
    version = make_draft(world.registration, "1.1", title="Zinnia at the door", text="Zinnia cried.")
    make_file(version, "zinnia.txt", b"Zinnia again")
    links = version.links.get()
    EvidenceLink.objects.filter(pk=links.pk).update(where="Zinnia first", why="Zinnia, my key child")
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())
    settle(submit(world.registration, "1.1"), by=world.assessor)
    assert {"portfolio_evidenceversion", "portfolio_evidencefile", "portfolio_filerendition",
            "portfolio_evidencelink"} <= tables_with("zinnia")  # fmt: skip
    placed = place_hold(version.evidence, "It names Zinnia.", by=world.assessor, at=timezone.now())
    destroy_held(placed, "It named a child.", by=dora, at=timezone.now())
    run_destroying()
    assert tables_with("zinnia") == set()


def tables_with(word: str) -> set[str]:
    """Tables that have a word anywhere."""
    from django.db import connection

    from tests import ground

    found = set()
    with connection.cursor() as cursor:
        for table in set(ground.tables()) - ground.DERIVED:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if any(word in str(value).lower() for row in cursor.fetchall() for value in row):
                found.add(table)
    return found


def test_decisions_on_what_was_destroyed_are_reopened_and_the_learner_is_told(world: World, dora: User):
    version = with_file(world, "1.1")
    other = make_ready_evidence(world.registration, "1.4", title="Another")
    settle(submit(world.registration, "1.1", "1.4"), by=world.assessor)
    placed, told = hold(version, world.assessor), last_notice()
    destroy_held(placed, WHY, by=dora, at=timezone.now())
    states = dict(Decision.objects.values_list("criterion__code", "state"))
    assert states == {"1.1": "reopened", "1.4": "counts"}
    assert statuses(world.registration) == {"1.4": "achieved"}
    assert told_since(told) == [("Tara Walsh", "hold"), ("Asha Patel", "hold")]
    assert rebuilt(world) == []
    assert sees(world.iqa, other) >= {"version"}


def test_after_destruction_the_learner_starts_anew_and_the_assessor_decides(world: World, dora: User):
    version = with_file(world, "1.1")
    settle(submit(world.registration, "1.1"), by=world.assessor)
    destroy_held(hold(version, world.assessor), WHY, by=dora, at=timezone.now())
    made = new_version(version.evidence, by=world.trainee, at=timezone.now())
    assert (made.text, list(made.files.all())) == ("", [])
    save_draft(made, title="Again", text="Nobody is named.", by=world.trainee, at=timezone.now())
    declare(made, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())
    settle(submit(world.registration, "1.1"), by=world.assessor)
    assert statuses(world.registration) == {"1.1": "achieved"}
    assert rebuilt(world) == []


def test_an_assessor_refers_what_rests_on_a_tombstone_and_cannot_achieve_it(world: World, dora: User):
    version = with_file(world, "1.1")
    submission = submit(world.registration, "1.1")
    judge_all(submission, by=world.assessor)
    destroy_held(hold(version, world.second_assessor), WHY, by=dora, at=timezone.now())
    draft = {"rationale": RATIONALE, "version_ids": {version.pk}, "by": world.assessor, "at": timezone.now()}
    draft_decision(submission, criterion("1.1").pk, outcome="achieved", sufficient=True, **draft)
    with refused("rule-04-destroyed"):
        release(submission, by=world.assessor, at=timezone.now())
    draft_decision(submission, criterion("1.1").pk, outcome="referred", feedback=FEEDBACK, **draft)
    release(submission, by=world.assessor, at=timezone.now())
    assert statuses(world.registration) == {"1.1": "referred"}


def test_drafts_in_the_bin_and_uploads_go_with_what_is_destroyed(world: World, dora: User):
    from portfolio.domain.upload import begin, path_of

    first = with_file(world, "1.1")
    submit(world.registration, "1.1")
    binned = new_version(first.evidence, by=world.trainee, at=timezone.now())
    discard_draft(binned, by=world.trainee, at=timezone.now())
    draft = new_version(first.evidence, by=world.trainee, at=timezone.now())
    upload = begin(draft, name="half.pdf", length=900, by=world.trainee, at=timezone.now())
    path_of(upload.ref).write_bytes(b"half")
    destroy_held(hold(first, world.assessor), WHY, by=dora, at=timezone.now())
    run_destroying()
    assert not EvidenceVersion.objects.filter(pk=binned.pk).exists()
    assert not Upload.objects.exists()
    assert not path_of(upload.ref).exists()
    assert set(Tombstone.objects.values_list("version__number", flat=True)) == {1, 3}


def test_a_later_version_with_the_same_file_is_put_on_hold_in_its_turn(world: World, dora: User):
    first = with_file(world, "1.1")
    submit(world.registration, "1.1")
    placed = hold(first, world.assessor)
    later = new_version(first.evidence, by=world.trainee, at=timezone.now())
    make_file(later, "again.txt", b"Ayesha stands on the left")
    destroy_held(placed, WHY, by=dora, at=timezone.now())
    assert list(Hold.objects.order_by("pk").values_list("state", "through_number")) == [("destroyed", 1), ("open", 2)]
    with refused("rule-04-hold"):
        save_draft(later, text="Other", by=world.trainee, at=timezone.now())


def test_bytes_that_cannot_be_destroyed_yet_are_tried_again_and_proven_gone(world: World, dora: User, monkeypatch,
                                                                           caplog):  # fmt: skip
    version = with_file(world, "1.1")
    stored = version.files.get().stored_as
    submit(world.registration, "1.1")
    destroy_held(hold(version, world.assessor), WHY, by=dora, at=timezone.now())
    with monkeypatch.context() as away:
        away.setattr("portfolio.files.store_room", lambda: 1 / 0)
        run_destroying()
    job = Job.objects.filter(kind=destroy.DESTROY).latest("pk")
    assert (job.state, job.attempts) == ("queued", 0)
    assert stored in destroy.bytes_left()
    destroy.prove_destroyed(timezone.now())
    assert "were still in the store" in caplog.text
    Job.objects.filter(kind=destroy.DESTROY).update(run_after=timezone.now())
    run_destroying()
    assert destroy.bytes_left() == []
    assert not store_room().exists(stored)


def test_settling_asks_for_a_reason_and_happens_once(world: World, dora: User):
    version = with_file(world, "1.1")
    submit(world.registration, "1.1")
    placed = hold(version, world.assessor)
    for settled in (release_hold, ask_to_replace, destroy_held):
        with refused("rule-04-answer"):
            settled(placed, " ", by=dora, at=timezone.now())
        with refused("rule-04-right"):
            settled(placed, ANSWER, by=world.assessor, at=timezone.now())
    release_hold(placed, ANSWER, by=dora, at=timezone.now())
    with refused("rule-04-settled"):
        destroy_held(placed, ANSWER, by=dora, at=timezone.now())


def test_two_pieces_on_hold_under_one_decision_are_both_released_before_it_counts(world: World, dora: User):
    first, second = with_file(world, "1.1"), make_ready_evidence(world.registration, "1.1", title="Another")
    settle(submit(world.registration, "1.1"), by=world.assessor)
    one, two = hold(first, world.assessor), hold(second, world.assessor)
    release_hold(one, ANSWER, by=dora, at=timezone.now())
    assert statuses(world.registration) == {"1.1": "on_hold"}
    release_hold(two, ANSWER, by=dora, at=timezone.now())
    assert statuses(world.registration) == {"1.1": "achieved"}
