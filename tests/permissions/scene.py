"""What the permission tests look at: two tenants with work in every state, each text of it under a word of its own.

A word that a page shows tells whose text has been read there; see `WORDS` and the table's `READS`.
"""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pixels
from wagtail.documents.models import Document
from wagtail.images.models import Image

from assessment.api import (
    InterestDeclaration,
    declare_interest,
    draft_decision,
    judge_version,
    place_hold,
    release,
)
from assessment.domain.annotate import annotate
from assessment.domain.borrow import borrow
from assessment.domain.calendar import make_calendar_key
from assessment.domain.dual_role import declare_dual_role
from assessment.domain.location_sheet import ask_for_sheet
from assessment.domain.next_steps import write_next_step
from assessment.domain.object import object_to
from assessment.domain.phrases import add_phrase
from assessment.domain.plan import begin_plan, save_line
from content.h5p.tokens import token_for
from content.models import LegalReference
from courses.delivery.api import (
    NumberMatch,
    Registration,
    add_bookmark,
    end_allocation,
    give_number,
    open_activity,
    raise_concern,
    record_absence,
    record_support,
    save_answer,
    save_note,
)
from courses.framework.api import set_policy
from courses.pages.authors import group_of
from courses.pages.library import CHOOSES, give_library
from courses.pages.models import CoursePage, LessonPage
from courses.pages.queries import address
from lms.accounts.api import Role, User
from lms.accounts.competence import Certificate, Facts, record_qualification, write_cpd
from lms.notices.api import tell
from portfolio.api import EvidenceFile, EvidenceVersion, declare, discard_draft, new_version, save_draft
from portfolio.domain.attach import add_file
from portfolio.domain.check import check_now
from portfolio.domain.plan import finish_goal, save_goal
from portfolio.domain.share import share_with_setting
from portfolio.domain.skills import start_check
from portfolio.domain.upload import begin
from portfolio.files import store_room
from portfolio.models import Report
from tests.assessment.planning import agreed, line
from tests.factories import (
    World,
    allocate_assessor,
    criterion,
    decide_all,
    judge_all,
    make_draft,
    make_file,
    make_held,
    make_learner,
    make_person,
    make_ready_evidence,
    make_record,
    make_submission,
    make_unqualified,
    make_world,
    opened,
    submit,
)
from tests.factories.activities import block_with, keep_activity, make_activity_lesson
from tests.factories.development import make_check, make_entry, make_goal, note
from tests.factories.h5p import make_activity
from tests.factories.lessons import live, make_lesson

from .scene_tutoring import tutoring

# What is written where. Every word stands in one place of the database only.
WORDS = {
    "draft title": "Quillwort",
    "draft text": "marmalade-one",
    "draft file": "marmalade-two",
    "binned text": "marmalade-three",
    "skills note": "sorrel-one",
    "goal": "sorrel-two",
    "reflection": "sorrel-three",
    "lesson reflection": "sorrel-four",
    "study note": "sorrel-five",
    "bookmark": "sorrel-six",
    "sent draft": "juniper-one",
    "unsent draft": "juniper-two",
    "draft comments": "juniper-three",
    "local words": "juniper-four",
    "local lesson": "juniper-five",
    "record text": "clover-one",
    "signed record": "clover-two",
    "decided text": "bramble-one",
    "new draft text": "bramble-two",
    "submitted title": "Figwort",
    "submitted text": "bramble-three",
    "submitted file": "bramble-four",
    "shared text": "bramble-five",
    "feedback": "lantern-one",
    "rationale": "lantern-two",
    "drafted decision": "lantern-three",
    "note on evidence": "lantern-four",
    "released note": "lantern-five",
    "note at the desk": "lantern-six",
    "next step": "lantern-seven",
    "phrase": "lantern-eight",
    "peer text": "thimble-one",
    "foreign text": "thimble-two",
    "held text": "saffron-one",
    "held file": "saffron-two",
    "hold report": "saffron-three",
    "concern": "saffron-four",
    "interest": "gooseberry-one",
    "declared detail": "gooseberry-three",
    "objection": "gooseberry-four",
    "number": "1000000000",
    "notice": "gooseberry-two",
    "agreed plan": "heather-one",
    "draft plan": "heather-two",
    "name": "Tara Walsh",
    "peer name": "Una Brown",
    "foreign name": "Tess North",
}


@dataclass
class Scene:
    """Who asks, by the role's name in the table; what they ask for, by the name in an address of the table."""

    world: World
    people: dict[str, User | None]
    refs: dict[str, str]

    def at(self, template: str) -> str:
        """An address of the table with the scene's objects in it."""
        return template.format_map(self.refs)


def make_scene() -> Scene:
    """Everything, made with the product's own domain functions."""
    world = make_world()
    set_policy(world.qualification, by=None, at=timezone.now() - timedelta(days=40), attempt_limit=1)
    refs = _course(world) | _decided(world) | _open(world) | _drafts(world) | _of_staff(world) | _others(world)
    refs |= _on_hold(world)
    refs |= {"sheet": _sheet(world)} | _development(world) | _recorded(world)
    refs |= _two_hats(world)
    refs |= _teams(world)
    refs |= _staff(world) | {"checked": _checked(world)}
    refs |= _planned(world)
    more, along = tutoring(world, WORDS)
    refs |= {"registration": str(world.registration.ref), "cohort": str(world.cohort.ref),
             "foreign_cohort": str(world.other.cohort.ref)}  # fmt: skip
    tell(world.trainee, "feedback", f"A notice: {WORDS['notice']}", url=reverse("learn"), at=timezone.now())
    return Scene(world, _people(world) | along, refs | more)


def _people(world: World) -> dict[str, User | None]:
    other = world.other
    former = make_person("Fay Gone", (Role.ASSESSOR, world.centre))
    end_allocation(
        allocate_assessor(world.registration, former), ends_on=timezone.localdate() - timedelta(days=1), by=None,
        at=timezone.now(),
    )  # fmt: skip
    return {
        "anonymous": None, "owner": world.trainee, "peer": world.other_trainee, "foreign_trainee": other.trainee,
        "assessor": world.assessor, "second_assessor": world.second_assessor, "former_assessor": former,
        "idle_assessor": world.unallocated_assessor, "foreign_assessor": other.assessor,
        "area_senco": world.area_senco, "iqa": world.iqa, "lead_iqa": world.lead_iqa,
        "foreign_lead_iqa": other.lead_iqa, "eqa": world.eqa, "author": world.author,
        "reviewer": world.reviewer, "publisher": world.publisher, "foreign_author": other.author,
        "authority": world.authority_manager, "foreign_authority": other.authority_manager,
        "centre_admin": world.centre_admin, "foreign_centre_admin": other.centre_admin,
        "setting_manager": world.setting_manager, "foreign_setting_manager": other.setting_manager,
        "superuser": world.superuser,
        "data_protection": make_person("Dora Quist", (Role.DATA_PROTECTION, world.centre)),
        "foreign_data_protection": make_person("Dot North", (Role.DATA_PROTECTION, other.centre)),
        "safeguarding_lead": make_person("Selma Ray", (Role.SAFEGUARDING_LEAD, world.centre)),
        "foreign_safeguarding_lead": make_person("Sid North", (Role.SAFEGUARDING_LEAD, other.centre)),
        "ao_admin": make_person("Olga Crane", (Role.CENTRE_ADMINISTRATOR, world.ao)),
    }  # fmt: skip


def _course(world: World) -> dict[str, str]:
    course = CoursePage.objects.get()
    lesson = make_lesson()
    at = address(lesson)
    reflection = live(lesson, "reflection").block
    words = {"text": f"I wondered about {WORDS['lesson reflection']}."}
    save_answer(world.registration, lesson.pk, UUID(reflection), "reflection", words, at=timezone.now())
    save_note(world.registration, lesson.pk, f"Ask about {WORDS['study note']}.", at=timezone.now())
    add_bookmark(world.registration, lesson.pk, "", f"Where {WORDS['bookmark']} is", at=timezone.now())
    activity = next(child.id for child in lesson.body if child.block_type == "activity")
    return {
        "lesson_reflection": reflection, "lesson_activity": activity,
        "course": address(course), "course_id": str(course.pk), "lesson": at, "lesson_id": str(lesson.pk),
        "unit": at.rsplit("/", 2)[0] + "/", **_lesson_files(world), **_begun(world),
    }  # fmt: skip


def _begun(world: World) -> dict[str, str]:
    """An activity of the organisation in a lesson, which the owner has begun."""
    activity = keep_activity(organisation=world.ao, files={"images/peg.png": picture(9)})
    block = block_with(activity)
    lesson = make_activity_lesson(block, lesson=LessonPage.objects.filter(kind="lesson").order_by("-path")[3])
    attempt = open_activity(world.registration, activity, [], at=timezone.now())
    library = activity.current.main_library
    return {
        "activity": str(activity.ref), "activity_lesson": str(lesson.pk), "activity_block": block["id"],
        "activity_at": address(lesson), "attempt": str(attempt.ref),
        "play_word": token_for(activity.current.pk, "preview:1"),
        "library_file": f"{library.tree_hash}/{library.preloaded_js[0]}",
        "bundle": f"{activity.current.content_hash}.js",
    }  # fmt: skip


def _lesson_files(world: World) -> dict[str, str]:
    """A file that a lesson shows, a picture that none does, and a legal reference of the organisation that is due."""
    for organisation in (world.ao, world.other.ao):
        group_of(organisation, Role.AUTHOR)  # with the collections
    collection = give_library(group_of(world.ao, Role.AUTHOR), world.ao, CHOOSES)
    default_storage.delete("documents/sheet.txt")
    file = Document.objects.create(title="Sheet", file=ContentFile(b"A sheet.", "sheet.txt"), collection=collection)
    shown = Image.objects.create(title="Peg", file=ImageFile(BytesIO(picture(9)), "peg.png"), collection=collection)
    lesson = LessonPage.objects.order_by("path").last()
    lesson.body.append(("download", {"title": "A sheet", "file": file, "about": ""}))
    lesson.save_revision().publish()
    law = LegalReference.objects.create(
        organisation=world.ao, code="old", title="Old Act", kind="act", edition="1990", says="It says so.",
        url="https://www.legislation.gov.uk/", status="in_force", checked_on=timezone.localdate() - timedelta(days=300),
    )  # fmt: skip
    return {"lesson_file": str(file.pk), "lesson_picture": shown.file.name, "law": str(law.pk), **_activity(world)}


def _activity(world: World) -> dict[str, str]:
    """An interactive activity of the organisation, whose library is approved."""
    activity = make_activity(by=make_person("Ivy Marsh", (Role.AUTHOR, world.ao)), organisation=world.ao)
    upload, version = activity.uploads.get(), activity.current
    assert version is not None
    return {"h5p_activity": str(activity.pk), "h5p_upload": str(upload.ref),
            "h5p_library": str(version.main_library_id)}  # fmt: skip


def _decided(world: World) -> dict[str, str]:
    """A submission released with one criterion achieved and one referred, whose evidence has a new draft version."""
    title, text = "How we wrote a plan", f"We agreed {WORDS['decided text']} with the parents."
    version = make_ready_evidence(world.registration, "1.1", "1.2.a", title=title, text=text)
    submission = submit(world.registration, "1.1", "1.2.a")
    judge_all(submission, by=world.assessor)
    for code, outcome in (("1.1", "achieved"), ("1.2.a", "referred")):
        draft_decision(
            submission, criterion(code).pk, outcome=outcome, sufficient=outcome == "achieved", by=world.assessor,
            rationale=f"It shows {WORDS['rationale']}.", feedback=f"Say more about {WORDS['feedback']}.",
            version_ids={version.pk}, at=timezone.now(),
        )  # fmt: skip
    annotate(submission, version, text=f"Look at {WORDS['released note']}.", by=world.assessor, at=timezone.now())
    step = write_next_step(submission, text=f"Do {WORDS['next step']}.", by=world.assessor, at=timezone.now())
    release(submission, by=world.assessor, at=timezone.now())
    draft = new_version(version.evidence, by=world.trainee, at=timezone.now())
    save_draft(draft, text=f"Now with {WORDS['new draft text']}.", by=world.trainee, at=timezone.now())
    return {"decided": str(version.evidence.ref), "released": str(submission.ref), "step": str(step.ref)}


def _open(world: World) -> dict[str, str]:
    """A submission that waits, with a file, half decided; part of its evidence is shared with the setting."""
    first = make_draft(world.registration, "1.3", title=f"A plan for {WORDS['submitted title']}",
                       text=f"I noticed {WORDS['submitted text']} one morning.")  # fmt: skip
    file = _attach(first, "submitted file", world.trainee)
    declare(first, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())
    second = make_ready_evidence(world.registration, "1.4", text=f"My manager knows of {WORDS['shared text']}.")
    share_with_setting(second.evidence, by=world.trainee, at=timezone.now())
    submission = opened(submit(world.registration, "1.3", "1.4"))
    judge_version(second, valid=True, authentic=True, current=False, reliable=True, by=world.assessor,
                  note=f"It lacks {WORDS['note on evidence']}.", at=timezone.now())  # fmt: skip
    draft_decision(submission, criterion("1.4").pk, outcome="referred", by=world.assessor, at=timezone.now(),
                   rationale=f"I think {WORDS['drafted decision']}.", version_ids={second.pk})  # fmt: skip
    note = annotate(submission, second, text=f"Is it {WORDS['note at the desk']}?", by=world.assessor,
                    at=timezone.now())  # fmt: skip
    step = write_next_step(submission, text="Sit in on a review.", by=world.assessor, at=timezone.now())
    phrase = add_phrase(centre=None, use="feedback", title="Mine", text=f"Say {WORDS['phrase']}.", by=world.assessor,
                        at=timezone.now())  # fmt: skip
    return {
        "note": str(note.ref), "noted": str(second.pk), "open_step": str(step.ref), "phrase": str(phrase.ref),
        "submitted": str(first.evidence.ref), "submitted_file": str(file.ref), "shared": str(second.evidence.ref),
        "open": str(submission.ref),
    }  # fmt: skip


def _drafts(world: World) -> dict[str, str]:
    """A draft with a file that lacks its declarations, and one that is ready to submit."""
    draft = make_draft(world.registration, "1.6", title=f"On {WORDS['draft title']}",
                       text=f"So far only {WORDS['draft text']}.")  # fmt: skip
    file = _attach(draft, "draft file", world.trainee)
    photos = [make_file(draft, f"photo{number}.png", picture(number)) for number in (1, 2)]
    make_ready_evidence(world.registration, "1.5", title="Ready", text="It is ready.")
    binned = make_draft(world.registration, "1.8", text=f"Not {WORDS['binned text']} after all.")
    discard_draft(binned, by=world.trainee, at=timezone.now())
    upload = begin(draft, name="half.pdf", length=900, by=world.trainee, at=timezone.now())
    return {"draft": str(draft.evidence.ref), "draft_file": str(file.ref),
            "draft_photo": str(photos[0].ref), "binned": str(binned.evidence.ref),
            "upload": str(upload.ref)}  # fmt: skip


def _of_staff(world: World) -> dict[str, str]:
    """A declared interest, and a learner number that somebody of another tenant holds already."""
    now = timezone.now()
    declare_interest(world.other_registration, "friendship", f"We know {WORDS['interest']}.", by=world.area_senco,
                     at=now)  # fmt: skip
    give_number(world.other.registration, WORDS["number"], by=world.other.trainee, at=now)
    give_number(world.registration, WORDS["number"], by=world.trainee, at=now)
    return {
        "interest": str(InterestDeclaration.objects.get().pk),
        "match": str(NumberMatch.objects.get(registration=world.registration).pk),
    }  # fmt: skip


def _two_hats(world: World) -> dict[str, str]:
    """The Area SENCO supports the owner's setting, has declared another role towards the peer, who objects to her."""
    now, senco = timezone.now(), world.area_senco
    (support,) = record_support(world.authority, [world.setting], senco, starts_on=timezone.localdate(),
                                by=world.authority_manager, at=now)  # fmt: skip
    declare_dual_role(world.other_registration, ["teaches"], f"I ran {WORDS['declared detail']} with you.", by=senco,
                      at=now)  # fmt: skip
    objection = object_to(world.other_registration, senco, f"Because of {WORDS['objection']}.", by=world.other_trainee,
                          at=now)  # fmt: skip
    return {
        "support": str(support.pk), "objection": str(objection.pk), "authority": str(world.authority.pk),
        "ao": str(world.ao.pk), "qualification": str(world.qualification.pk),
        "allocation": str(world.registration.allocations.get(user=world.assessor).pk),
    }  # fmt: skip


def _development(world: World) -> dict[str, str]:
    """The owner's own development: a finished skills check and one begun, a goal, an entry of the CPD log."""
    now, mine = timezone.now(), world.registration
    make_check(mine, 2)
    note(start_check(mine, by=world.trainee, at=now), "1.1", f"I wonder about {WORDS['skills note']}.")
    goal = make_goal(mine, f"Learn about {WORDS['goal']}")
    finish_goal(save_goal(goal, result="I did", by=world.trainee, at=now), by=world.trainee, at=now)
    entry = make_entry(mine, reflection=f"I heard of {WORDS['reflection']}.")
    return {"goal": str(goal.ref), "entry": str(entry.ref)}


def _recorded(world: World) -> dict[str, str]:
    """What the assessor records about the owner, not signed and signed; a document that stays in the setting."""
    mine, by = world.registration, world.assessor
    open_one = make_record(mine, by=by, sign=False, text=f"She spoke of {WORDS['record text']}.")
    signed = make_record(mine, by=by, text=f"She showed me {WORDS['signed record']}.")
    held = make_held(mine, "1.9")
    submit(mine, "1.9")
    transcript = make_file(open_one, "transcript.txt", b"Asked and answered.", by=by)
    return {"record_file": str(transcript.ref),
            "record": str(open_one.evidence.ref), "signed_record": str(signed.evidence.ref),
            "held": str(held.evidence.ref)}  # fmt: skip


def _on_hold(world: World) -> dict[str, str]:
    """Evidence that the second assessor reported, though it is shared with the setting; and a concern."""
    version = make_draft(world.registration, "3.1", text=f"There was {WORDS['held text']} in the corner.")
    file = _attach(version, "held file", world.trainee)
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=timezone.now())
    share_with_setting(version.evidence, by=world.trainee, at=timezone.now())
    submit(world.registration, "3.1")
    hold = place_hold(version.evidence, f"See {WORDS['hold report']}.", by=world.second_assessor, at=timezone.now())
    concern = raise_concern(world.centre, f"I saw {WORDS['concern']}.", about=world.registration, by=world.trainee,
                            at=timezone.now())  # fmt: skip
    return {"on_hold": str(version.evidence.ref), "on_hold_file": str(file.ref), "hold": str(hold.ref),
            "concern": str(concern.ref)}  # fmt: skip


def _staff(world: World) -> dict[str, str]:
    """What the assessor has on their own record: a qualification whose proof nobody has seen, and CPD."""
    now, by = timezone.now(), world.assessor
    kept = Certificate(store_room().save("staff/proof.pdf", ContentFile(b"%PDF-1.7")), "proof.pdf", "application/pdf")
    facts = Facts("occupational", "Nursery SENCO", awarded_on=timezone.localdate())
    row = record_qualification(by, facts, certificate=kept, by=by, at=now)
    entry = write_cpd(by, happened_on=timezone.localdate(), title="Course", minutes=60, is_assessment=True, learned="",
                      by=by, at=now)  # fmt: skip
    return {"staff_record": str(row.ref), "staff_cpd": str(entry.ref), "assessor": str(by.pk)}


def _checked(world: World) -> str:
    """Decisions of an assessor who is not qualified yet, for the second assessor to countersign."""
    novice = make_unqualified(make_person("Nora New", (Role.ASSESSOR, world.centre)))
    registration = make_learner(world.cohort, assessor=novice, name="Lin Checked")
    allocate_assessor(registration, world.second_assessor, "second_assessor")
    submission = make_submission(registration, "1.1")
    decide_all(submission, by=novice)
    return str(release(submission, by=novice, at=timezone.now()).ref)


def _planned(world: World) -> dict[str, str]:
    """A plan that the owner agreed, its revision in draft, and the peer's calendar."""
    agreed(world.registration, line("1.1", what=f"Talking about {WORDS['agreed plan']}", visit=True), by=world.assessor)
    draft = begin_plan(world.registration, by=world.assessor, at=timezone.now())
    save_line(draft, uuid4(), line("1.3", what=f"Then {WORDS['draft plan']}"), by=world.assessor, at=timezone.now())
    key = make_calendar_key(world.other_trainee, at=timezone.now()).key  # nothing is planned for them
    return {"plan_line": str(draft.lines.first().ref), "calendar_key": str(key)}


def _sheet(world: World) -> str:
    """A location sheet that the owner asked for and can save."""
    report = ask_for_sheet(world.registration, by=world.trainee, at=timezone.now())
    stored_as = store_room().save("reports/sheet.pdf", ContentFile(b"%PDF-1.7"))
    Report.objects.filter(pk=report.pk).update(made_at=timezone.now(), stored_as=stored_as)
    return str(report.ref)


def _others(world: World) -> dict[str, str]:
    """Work of the other trainee of the centre and of the other tenant's trainee."""
    return {
        **_submitted("peer", world.other_registration, "peer text"),
        **_submitted("foreign", world.other.registration, "foreign text"),
    }


def _submitted(name: str, registration: Registration, word: str) -> dict[str, str]:
    version = make_ready_evidence(registration, "1.1", text=f"There was {WORDS[word]} in it.")
    submission = submit(registration, "1.1")
    return {
        name: str(version.evidence.ref), f"{name}_submission": str(submission.ref),
        f"{name}_registration": str(registration.ref),
    }  # fmt: skip


def picture(side: int) -> bytes:
    """A small picture."""
    out = BytesIO()
    Pixels.new("RGB", (side * 10, 10), "teal").save(out, "PNG")
    return out.getvalue()


def _attach(version: EvidenceVersion, word: str, by: User) -> EvidenceFile:
    upload = SimpleUploadedFile("notes.txt", f"Notes on {WORDS[word]}.".encode(), "text/plain")
    added = add_file(version, upload, by=by, at=timezone.now())
    check_now(added.pk, at=timezone.now())
    return EvidenceFile.objects.get(pk=added.pk)


def _teams(world: World) -> dict[str, str]:
    """An allocation, an assessor who will be away, and one who is borrowed from the other tenant."""
    today, now = timezone.localdate(), timezone.now()
    guest = make_person("Bea Lent", (Role.ASSESSOR, world.other.centre))
    borrowed = borrow(world.centre, guest.email, starts_on=today, ends_on=today + timedelta(days=20),
                      by=world.centre_admin, at=now)  # fmt: skip
    absence = record_absence(world.centre, world.second_assessor, starts_on=today + timedelta(days=10),
                             ends_on=today + timedelta(days=15), by=world.centre_admin, at=now)  # fmt: skip
    mine = world.registration.allocations.get(user=world.assessor, role="assessor")
    return {
        "allocation": str(mine.pk), "absence": str(absence.pk), "borrowed": str(borrowed.pk),
        "membership": str(world.assessor.memberships.get(role=Role.ASSESSOR).pk),
    }  # fmt: skip
