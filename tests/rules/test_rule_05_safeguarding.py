"""Rule 5: a concern for a child's safety reaches the safeguarding lead of the centre, and nobody and nothing else."""

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from assessment.queries_location import location_sheet
from assessment.queries_timeline import Timeline
from courses.delivery.api import (
    SafeguardingConcern,
    SafeguardingNote,
    close_concern,
    note_concern,
    raise_concern,
    read_concern,
    registration_stream,
)
from courses.delivery.policies import centres_to_tell
from lms.accounts.api import Role, User, grant_membership
from lms.audit.api import stream_of
from lms.audit.models import AuditEvent
from lms.notices.api import Notice
from tests.factories import World, make_person, make_submission
from tests.helpers import changed_tables, contents, last_notice, refused, told_since

pytestmark = pytest.mark.django_db
WORDS = "Xanthe told me that she is afraid to go home."


@pytest.fixture
def sam(world: World) -> User:
    """The safeguarding lead of the centre."""
    return make_person("Selma Ray", (Role.SAFEGUARDING_LEAD, world.centre))


def concern_of(world: World, by: User, **more) -> SafeguardingConcern:
    return raise_concern(world.centre, WORDS, by=by, at=timezone.now(), **more)


@pytest.mark.parametrize(
    "who", ["trainee", "assessor", "iqa", "lead_iqa", "eqa", "author", "area_senco", "authority_manager",
            "centre_admin", "setting_manager"]
)  # fmt: skip
def test_staff_and_trainees_raise_a_concern_and_the_lead_is_told_nothing_of_it(world: World, sam: User, who: str):
    told = last_notice()
    row = concern_of(world, getattr(world, who))
    assert told_since(told) == [("Selma Ray", "safeguarding")]
    assert "Xanthe" not in Notice.objects.latest("pk").title
    assert list(SafeguardingConcern.objects.visible_to(sam)) == [row]


def test_nobody_but_the_lead_of_that_centre_sees_it_not_even_who_raised_it(world: World, sam: User):
    concern_of(world, world.trainee)
    foreign = make_person("Femi", (Role.SAFEGUARDING_LEAD, world.other.centre))
    everybody = [world.trainee, world.assessor, world.iqa, world.lead_iqa, world.centre_admin, world.eqa,
                 world.setting_manager, world.superuser, foreign]  # fmt: skip
    assert [SafeguardingConcern.objects.visible_to(user).count() for user in everybody] == [0] * len(everybody)


def test_a_concern_has_words_and_goes_to_a_centre_of_ones_own(world: World, sam: User):
    with refused("rule-05-concern"):
        raise_concern(world.centre, " ", by=world.trainee, at=timezone.now())
    with refused("rule-05-centre"):
        raise_concern(world.other.centre, WORDS, by=world.trainee, at=timezone.now())
    with refused("rule-05-about"):
        concern_of(world, world.trainee, about=world.other_registration)
    assert list(centres_to_tell(world.other.assessor)) == [world.other.centre]


def test_it_stands_in_an_audit_stream_of_its_own_and_changes_nothing_else(world: World, sam: User):
    make_submission(world.registration, "1.1")
    before = contents()
    mine = AuditEvent.objects.filter(stream__name=registration_stream(world.registration.pk)).count()
    row = concern_of(world, world.assessor, about=world.registration)
    read_concern(row, by=sam, at=timezone.now())
    note_concern(row, "I called social care.", by=sam, at=timezone.now())
    close_concern(row, "They have taken it on.", by=sam, at=timezone.now())
    assert changed_tables(before) == {
        "courses_safeguardingconcern", "courses_safeguardingnote", "lms_auditevent", "lms_auditstream", "lms_notice",
        "lms_delivery", "lms_job",
    }  # fmt: skip
    events = AuditEvent.objects.filter(stream__name=stream_of("safeguarding", row.pk)).order_by("sequence")
    assert list(events.values_list("action", flat=True)) == [
        "safeguarding.raised", "safeguarding.read", "safeguarding.noted", "safeguarding.closed",
    ]  # fmt: skip
    assert not any("Xanthe" in text or "social care" in text for text in events.values_list("canonical", flat=True))
    assert AuditEvent.objects.filter(stream__name=registration_stream(world.registration.pk)).count() == mine
    call_command("verify_audit")


def test_nothing_of_it_shows_at_the_learner_in_history_exports_or_to_other_staff(world: World, sam: User, client_of):
    """The same words in a piece of evidence do show on these pages, so that they would be seen if they leaked."""
    make_submission(world.registration, "1.1", title="Xanthe in a title", text=WORDS)
    concern_of(world, world.assessor, about=world.registration)
    ref = world.registration.ref
    pages = [
        ("trainee", reverse("assessment:timeline")), ("trainee", reverse("portfolio:evidence_list")),
        ("trainee", reverse("learn")), ("trainee", reverse("notices")), ("trainee", reverse("portfolio:coverage")),
        ("assessor", f"{reverse('assessment:timeline')}?registration={ref}"), ("assessor", reverse("assessment:queue")),
        ("iqa", f"{reverse('assessment:criterion', args=['1.1'])}?registration={ref}"),
        ("lead_iqa", reverse("assessment:quality")), ("eqa", reverse("assessment:reviews")),
        ("centre_admin", reverse("delivery:cohort", args=[world.cohort.ref])),
        ("centre_admin", reverse("notices")), ("setting_manager", reverse("notices")),
    ]  # fmt: skip
    found = {}
    for who, page in pages:
        html = client_of(getattr(world, who)).get(page).content.decode()
        found[who, page] = html.count("afraid to go home"), html.lower().count("safeguarding concern")
    assert any(
        "Xanthe" in client_of(world.trainee).get(page).content.decode() for who, page in pages if who == "trainee"
    )
    raised = "safeguarding concern"  # the footer of every page offers to raise one, once
    assert {count for _, count in found.values()} <= {1}, raised
    assert {count for count, _ in found.values()} == {0}
    history = Timeline(world.trainee, world.registration)
    entries = [entry.title for month in history.months() for entry in history.of(month)]
    assert entries
    assert not any("concern" in title.lower() for title in entries)
    assert "concern" not in str(location_sheet(world.registration, world.assessor)).lower()


def test_without_a_lead_administrators_are_told_to_name_one_who_then_finds_it(world: World):
    told = last_notice()
    row = concern_of(world, world.trainee)
    assert told_since(told) == [("Cleo Marsh", "safeguarding")]
    assert SafeguardingConcern.objects.visible_to(world.centre_admin).count() == 0
    told, lead = last_notice(), make_person("Late Lead")
    grant_membership(lead, world.centre, Role.SAFEGUARDING_LEAD, starts_on=timezone.localdate(), by=world.centre_admin,
                     at=timezone.now())  # fmt: skip
    assert told_since(told) == [("Late Lead", "safeguarding")]
    assert list(SafeguardingConcern.objects.visible_to(User.objects.get(pk=lead.pk))) == [row]


def test_notes_and_closing_are_the_leads_and_a_closed_concern_stays(world: World, sam: User):
    row = concern_of(world, world.trainee)
    for change in (note_concern, close_concern):
        with refused("rule-05-right"):
            change(row, "Done", by=world.lead_iqa, at=timezone.now())
        with refused("rule-05-note"):
            change(row, " ", by=sam, at=timezone.now())
    with refused("rule-05-right"):
        read_concern(row, by=world.trainee, at=timezone.now())
    close_concern(row, "Settled", by=sam, at=timezone.now())
    with refused("rule-05-closed"):
        note_concern(row, "More", by=sam, at=timezone.now())
    assert SafeguardingNote.objects.get().text == "Settled"


def test_the_raiser_gets_a_reference_and_cannot_read_it_back(world: World, sam: User, client_of):
    browser = client_of(world.trainee)
    page = browser.get(reverse("safeguarding:new"))
    assert b"Call 999" in page.content
    token = page.content.decode().split('name="once" value="')[1].split('"')[0]
    done = browser.post(reverse("safeguarding:new"), {"concern": WORDS, "about": "", "once": token}, follow=True)
    row = SafeguardingConcern.objects.get()
    assert row.reference in done.content.decode()
    assert "Xanthe" not in done.content.decode()
    for address in (reverse("safeguarding:concern", args=[row.ref]), reverse("safeguarding:concerns")):
        assert browser.get(address).status_code == 403


def test_the_lead_reads_it_by_an_act_that_is_written_down(world: World, sam: User, client_of):
    row = concern_of(world, world.trainee)
    browser, address = client_of(sam), reverse("safeguarding:concern", args=[row.ref])
    cover = browser.get(address).content.decode()
    assert "Xanthe" not in cover
    token = cover.split('name="once" value="')[1].split('"')[0]
    opened = browser.post(reverse("safeguarding:read", args=[row.ref]), {"once": token}, follow=True)
    assert "Xanthe" in opened.content.decode()
    assert AuditEvent.objects.filter(action="safeguarding.read", actor_id=sam.pk).count() == 1
    assert "Xanthe" not in client_of(sam).get(address).content.decode()  # another session begins with the cover
    assert "Xanthe" not in browser.get(reverse("safeguarding:concerns")).content.decode()
