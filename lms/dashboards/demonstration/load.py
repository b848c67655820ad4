"""Loading the demonstration: organisations, people, a cohort, and eleven weeks of work at believable stages."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assessment.api import declare_interest
from content.h5p.people import approvers
from courses.delivery.api import Allocation, Cohort, Registration, allocate, give_number, register_learner
from courses.framework.api import Criterion, set_policy
from courses.pages.load import load_course
from courses.pages.models import CoursePage
from lms.accounts.api import Organisation, Role, User, grant_membership
from lms.accounts.competence import check_proof, record_qualification
from lms.common import jobs
from lms.common.errors import Refused
from lms.common.models import Job
from lms.notices.models import Delivery, Notice

from .beside import phrases
from .clock import day, moment, term
from .development import development
from .editing import editing
from .local import local
from .people import AUTHORITY, CENTRE, SETTINGS, STAFF, TRAINEES, Trainee, qualifications
from .plan import plans
from .protection import protection
from .records import records
from .staff import staff
from .stories import COHORT_BEGAN, INTEREST, NUMBER_HELD_BY, STORIES
from .teams import teams
from .tutoring import drafts
from .two_hats import declare, support, two_hats
from .work import Work

COURSE = "level-3-early-years-senco"
AI_USE = (
    "You may use an AI tool to look things up, to check spelling or to read your text aloud. The examples, the "
    "thinking and the reflection must be your own. Say where you used AI and what "
    "for. Never give it facts about a child."
)
NEWS_DAYS = 4  # what is older than this has been read, and its email was sent then
Say = Callable[[str], object]


def load(say: Say) -> bool:
    """Loads the demonstration, in one transaction; False when it is there already and nothing was done.

    Raises Refused where it does not belong: outside the demonstration's and the tests' settings.
    """
    if not getattr(settings, "DEMO_PASSWORD", ""):
        raise Refused("not-a-demonstration", "The demonstration is loaded under lms.settings.demo only: its password "
                      "is public.")  # fmt: skip
    if Organisation.objects.filter(name=CENTRE).exists():
        return False
    with transaction.atomic():
        course = _course()
        organisations = _organisations(course)
        people = _people(organisations)
        _qualify(people)
        phrases(people, organisations)
        support(organisations, people)
        cohort = _cohort(course, organisations)
        registrations = _trainees(cohort, organisations, people, say)
        _interest(registrations, people)
        two_hats(registrations, organisations, people)
        staff(people)
        protection(registrations, people)
        teams(people, organisations["centre"])
        editing(course, people)
        local(organisations["authority"], people)
        _settle_old_news()
    _send_recent_emails(say)
    return True


def _course() -> CoursePage:
    load_course()  # what stands is left as it is
    course = CoursePage.objects.select_related("qualification__awarding_organisation").get(slug=COURSE)
    set_policy(
        course.qualification, by=None, at=moment(COHORT_BEGAN + 60, 9), attempt_limit=3, list_minimums={"4.2": 4},
        decision_days=14, ai_use=AI_USE,
    )  # fmt: skip
    return course


def _organisations(course: CoursePage) -> dict[str, Organisation]:
    kinds, make = Organisation.Kind, Organisation.objects.create
    authority = make(kind=kinds.LOCAL_AUTHORITY, name=AUTHORITY)
    found = {
        "awarding": course.qualification.awarding_organisation,
        "authority": authority,
        "centre": make(kind=kinds.CENTRE, name=CENTRE, local_authority=authority),
    }
    for key, place in SETTINGS.items():
        found[key] = make(kind=kinds.SETTING, name=place.name, ofsted_urn=place.ofsted_urn, local_authority=authority)
    return found


def _people(organisations: dict[str, Organisation]) -> dict[str, User]:
    """Everybody, staff by key and trainees by name. One hash of the public password serves them all."""
    accounts = {key: (each.email, each.name) for key, each in STAFF.items()}
    accounts |= {each.name: (each.email, each.name) for each in TRAINEES}
    secret, joined = make_password(settings.DEMO_PASSWORD), moment(COHORT_BEGAN + 30, 9)
    people = {}
    for key, (email, name) in accounts.items():
        people[key] = User.objects.create_user(email, name=name, date_joined=joined)
        people[key].password = secret
    User.objects.bulk_update(people.values(), ["password"])
    for key, each in STAFF.items():
        for role, where in each.roles:
            grant_membership(people[key], organisations[where], Role(role), starts_on=day(COHORT_BEGAN + 30), by=None,
                             at=joined)  # fmt: skip
    people["publisher"].groups.add(approvers())
    return people


def _qualify(people: dict[str, User]) -> None:
    """What the assessors hold: all are qualified but one, who works towards it and is countersigned (rule 10)."""
    at = moment(COHORT_BEGAN + 29, 10)
    for key, by, facts in qualifications():
        row = record_qualification(people[key], facts, by=people[by], at=at)
        if facts.awarded_on is not None:
            check_proof(row, by=people[by], at=at)


def _cohort(course: CoursePage, organisations: dict[str, Organisation]) -> Cohort:
    starts_on = day(COHORT_BEGAN)
    return Cohort.objects.create(
        name=term(starts_on), centre=organisations["centre"], local_authority=organisations["authority"],
        qualification=course.qualification, course=course.page_ptr, places=len(TRAINEES), starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=39),
    )  # fmt: skip


def _trainees(cohort: Cohort, organisations: dict[str, Organisation], people: dict[str, User],
              say: Say) -> dict[str, Registration]:  # fmt: skip
    course = CoursePage.objects.get(pk=cohort.course_id)
    criteria = {c.code: c for c in Criterion.objects.filter(framework_id=cohort.qualification.framework_id)}
    registrations = {}
    for number, trainee in enumerate(TRAINEES, 1):
        registration = registrations[trainee.name] = _register(trainee, cohort, organisations, people)
        _give_number(registration, STORIES[trainee.name].number, number)
        more: list[tuple[datetime, Callable[[], object]]] = []
        if number == 1:  # who the demonstration signs in as a trainee
            more = development(registration) + records(registration, people[trainee.assessor])
        more += plans(registration, people[trainee.assessor], SETTINGS[trainee.setting].name, criteria)
        more += drafts(registration, course, people["tutor"])
        work = Work(number, trainee, registration, people[trainee.assessor], people["dana"], criteria)
        work.tell(STORIES[trainee.name], course, more)
        say(f"Trainee {number} of {len(TRAINEES)}")
    return registrations


def _register(trainee: Trainee, cohort: Cohort, organisations: dict[str, Organisation],
              people: dict[str, User]) -> Registration:  # fmt: skip
    at, since = moment(COHORT_BEGAN, 9, 30), cohort.starts_on
    registration = register_learner(
        people[trainee.name], cohort.qualification, centre=cohort.centre, cohort=cohort,
        setting=organisations[trainee.setting], registered_on=since, by=people["admin"], at=at,
    )  # fmt: skip
    team = [(trainee.assessor, Allocation.Role.ASSESSOR), ("iqa", Allocation.Role.IQA)]
    if trainee.assessor != "ruth":
        team.append(("ruth", Allocation.Role.SUPPORTER))
    if trainee.assessor == "marcus":
        team.append(("dana", Allocation.Role.SECOND_ASSESSOR))
    for key, role in team:
        allocate(registration, people[key], role, starts_on=since, by=people["admin"], at=at)
    if trainee.assessor == "ruth":  # an Area SENCO declares for each of her trainees (rule 9)
        declare(registration, people["ruth"])
    return registration


def _give_number(registration: Registration, kind: str, number: int) -> None:
    """The learner types in their unique learner number (rule 40)."""
    if kind == "none":
        return
    if kind == "taken":
        number = next(place for place, each in enumerate(TRAINEES, 1) if each.name == NUMBER_HELD_BY)
    uln = "9999999999" if kind == "not yet known" else learner_number(number)
    give_number(registration, uln, by=registration.learner, at=moment(COHORT_BEGAN - 5, 19, 45))


def learner_number(number: int) -> str:
    """The so-many-th number that passes the sum of a unique learner number."""
    candidates = (f"{100_000_100 + number}{last}" for last in range(10))
    for uln in candidates:
        if sum(int(digit) * weight for digit, weight in zip(uln, range(10, 0, -1), strict=True)) % 11 == 10:
            return uln
    return learner_number(number + 1000)


def _interest(registrations: dict[str, Registration], people: dict[str, User]) -> None:
    who, about, kind, detail, ago = INTEREST
    declare_interest(registrations[about], kind, detail, by=people[who], at=moment(ago, 11))


def _settle_old_news() -> None:
    """What happened some days ago has been read, and its email went out at the time: none is sent late."""
    old = timezone.now() - timedelta(days=NEWS_DAYS)
    notices = Notice.objects.filter(created_at__lt=old)
    keys = [f"notice-email-{pk}" for pk in notices.values_list("pk", flat=True)]
    Delivery.objects.filter(notice__in=notices).update(sent_at=timezone.now())
    notices.update(read_at=F("created_at") + timedelta(hours=11))
    Job.objects.filter(key__in=keys).update(state=Job.State.DONE, done_at=F("run_after"))


def _send_recent_emails(say: Say) -> None:
    """Sends the emails of the last days now, so that the mailbox has something in it and no job is left over."""
    waiting = list(Job.objects.filter(state=Job.State.QUEUED).order_by("pk").values_list("pk", flat=True))
    say(f"{len(waiting)} emails")
    for pk in waiting:
        jobs.run(pk)
