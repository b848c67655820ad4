"""The pages of a centre's teams: what is said, what is kept, how many queries they take."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessment.domain.cover import set_cover
from assessment.domain.team import assign
from courses.delivery.api import Absence, Allocation, record_absence
from lms.accounts.api import Membership, Role
from tests.factories import World, make_learner, make_person, make_submission

pytestmark = [pytest.mark.django_db, pytest.mark.alike]
DAY = timedelta(days=1)


def url(world: World, path: str = "") -> str:
    return f"/cohorts/registrations/{world.registration.ref}/team/{path}"


def typed(name: str, day: Any) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def post(browser: Any, path: str, **data: Any) -> Any:
    """Sends the form of a page with its hidden fields."""
    page = browser.get(path)
    fields = {"once": page.context["csrf_token"] and _once(page)}
    return browser.post(path, fields | data, follow=True)


def _once(page: Any) -> str:
    text = page.content.decode()
    return text.split('name="once" value="')[-1].split('"')[0]


def absence(world: World, **more: Any) -> Absence:
    today = timezone.localdate()
    return record_absence(world.centre, world.assessor, starts_on=today, ends_on=today + 7 * DAY,
                          by=world.centre_admin, at=timezone.now(), **more)  # fmt: skip


def test_the_cohorts_page_says_who_has_nobody_and_filters_them(world: World, client_of):
    make_learner(world.cohort, name="Nora Nobody")
    browser = client_of(world.centre_admin)
    path = f"/cohorts/{world.cohort.ref}/team/"
    page = browser.get(path).content.decode()
    assert "1 trainee without an assessor" in page
    assert "Nora Nobody" in page
    assert "Tara Walsh" in page
    found = browser.get(f"{path}?without=assessor").content.decode()
    assert "Nora Nobody" in found
    assert "Tara Walsh" not in found
    theirs = browser.get(f"{path}?who={world.assessor.pk}").content.decode()
    assert "Tara Walsh" in theirs
    assert "Una Brown" not in theirs
    assert "No trainee matches these filters" in browser.get(f"{path}?q=zzz").content.decode()
    assert "Who assesses whom" in browser.get(f"/cohorts/{world.cohort.ref}/").content.decode()
    watching = client_of(world.authority_manager).get(f"/cohorts/{world.cohort.ref}/").content.decode()
    assert "Who assesses whom" not in watching
    assert "Asha Patel" in watching


def test_somebody_is_added_and_whoever_cannot_is_named_with_the_reason(world: World, client_of):
    make_person("Nell Near", (Role.ASSESSOR, world.centre), (Role.PRACTITIONER, world.setting))
    browser = client_of(world.lead_iqa)
    path = url(world, "add/?role=assessor")
    page = browser.get(path).content.decode()
    assert "Nell Near works at a setting of this learner." in page
    assert browser.get(url(world, "add/?role=king")).status_code == 404
    wrong = post(browser, path, who=str(world.unallocated_assessor.pk), reason="Knows them",
                 **typed("starts_on", timezone.localdate() - DAY))  # fmt: skip
    assert wrong.status_code == 422
    assert "The first day cannot be in the past." in wrong.content.decode()
    assert "Knows them" in wrong.content.decode()
    done = post(browser, path, who=str(world.unallocated_assessor.pk), **typed("starts_on", timezone.localdate()))
    assert "Dev Shah is assessor of Tara Walsh from" in done.content.decode()


def test_a_handover_explains_what_becomes_of_open_work(world: World, client_of):
    make_submission(world.registration, "1.1")
    row = Allocation.objects.get(user=world.assessor, registration=world.registration)
    browser = client_of(world.centre_admin)
    page = browser.get(url(world, f"{row.pk}/change/")).content.decode()
    assert "1 open submission stands in Asha Patel’s queue." in page
    bare = post(browser, url(world, f"{row.pk}/change/"), who=str(world.unallocated_assessor.pk), reason="",
                **typed("starts_on", timezone.localdate()))  # fmt: skip
    assert bare.status_code == 422
    post(browser, url(world, f"{row.pk}/change/"), who=str(world.unallocated_assessor.pk), reason="Moves on",
         **typed("starts_on", timezone.localdate()))  # fmt: skip
    history = browser.get(url(world)).content.decode()
    assert history.count("Moves on") == 2
    other = Allocation.objects.get(registration=world.other_registration, role="assessor")
    assert browser.get(url(world, f"{other.pk}/end/")).status_code == 404  # of another learner


def test_the_preview_is_confirmed_as_shown_and_a_forged_one_is_not(world: World, client_of):
    registration = make_learner(world.cohort, name="Nora Nobody")
    browser, path = client_of(world.centre_admin), f"/cohorts/{world.cohort.ref}/team/automatic/"
    page = browser.get(path)
    shown = page.context["shown"]
    assert "Nora Nobody" in page.content.decode()
    parts = ["assessor", "second_assessor", "iqa"]
    forged = post(browser, path, shown="nonsense", part=parts)
    assert forged.status_code == 422
    assign(registration, world.unallocated_assessor, "assessor", starts_on=timezone.localdate(),
           by=world.centre_admin, at=timezone.now())  # fmt: skip
    stale = post(browser, path, shown=shown, part=parts)
    assert stale.status_code == 422
    assert "Nothing was done" in stale.content.decode()
    done = post(browser, path, shown=browser.get(path).context["shown"], part=parts)
    assert "allocations made" in done.content.decode() or "allocation made" in done.content.decode()
    assert set(registration.allocations.values_list("role", flat=True)) == {"assessor", "iqa"}


def test_workload_shows_load_limit_and_absence_and_sorts(world: World, client_of):
    make_submission(world.registration, "1.1")
    absence(world)
    browser = client_of(world.lead_iqa)
    membership = Membership.objects.get(user=world.assessor, role=Role.ASSESSOR)
    assert post(browser, f"/quality/workload/{membership.pk}/", limit="0").status_code == 422
    done = post(browser, f"/quality/workload/{membership.pk}/", limit="4").content.decode()
    assert "Asha Patel now has at most 4 trainees." in done
    row = next(r for r in browser.get("/quality/workload/?sort=waiting").context["page"])
    assert (row.user, row.learners, row.waiting, row.overdue, row.max_learners, row.is_away) == (
        world.assessor, 1, 1, 0, 4, True
    )  # fmt: skip
    assert "Nia Bell" not in done


def test_cover_is_suggested_saved_and_shown(world: World, client_of):
    browser, row = client_of(world.centre_admin), absence(world, moves_work=True)
    path = f"/quality/absences/{row.pk}/"
    field = f"r{world.registration.pk}"
    suggested = browser.get(f"{path}?suggest=1").context["form"][field].value()
    assert suggested == world.unallocated_assessor.pk
    wrong = post(browser, path, **{field: str(world.second_assessor.pk)})
    assert wrong.status_code == 422
    done = post(browser, path, **{field: str(suggested)})
    assert "Cover changed for 1 trainee." in done.content.decode()
    assert "All 1 trainee" in browser.get("/quality/absences/").content.decode()
    assert "covers for Asha Patel" in browser.get(url(world)).content.decode()


def test_somebody_is_borrowed_and_goes_back_by_page(world: World, client_of):
    browser = client_of(world.centre_admin)
    today = timezone.localdate()
    days = typed("starts_on", today) | typed("ends_on", today + 9 * DAY)
    wrong = post(browser, "/quality/assessors/borrow/", email="nobody@people.example", centre=world.centre.pk, **days)
    assert wrong.status_code == 422
    assert "nobody@people.example" in wrong.content.decode()
    done = post(browser, "/quality/assessors/borrow/", email=world.other.assessor.email, centre=world.centre.pk, **days)
    assert "Lent by Northmoor College" in done.content.decode()
    made = Membership.objects.get(lent_by__isnull=False)
    post(browser, f"/quality/assessors/{made.pk}/give-back/", **typed("ends_on", today))
    made.refresh_from_db()
    assert made.ends_on == today
    elsewhere = {"email": world.assessor.email, "centre": world.other.centre.pk} | days
    foreign = post(browser, "/quality/assessors/borrow/", **elsewhere)
    assert foreign.status_code == 422  # not a centre of theirs


def test_the_pages_take_as_many_queries_for_three_as_for_one(world: World, client_of, queries):
    browser, row = client_of(world.centre_admin), absence(world)
    set_cover(row, {world.registration.pk: world.unallocated_assessor}, by=world.centre_admin, at=timezone.now())

    def grow() -> None:
        for number in range(2):
            assessor = make_person(f"Assessor {number}", (Role.ASSESSOR, world.centre))
            learner = make_learner(world.cohort, setting=world.setting, assessor=world.assessor, name=f"L {number}")
            assign(learner, assessor, "assessor", starts_on=timezone.localdate(), by=world.centre_admin,
                   at=timezone.now())  # fmt: skip
            record_absence(world.centre, assessor, starts_on=timezone.localdate(), ends_on=timezone.localdate(),
                           by=world.centre_admin, at=timezone.now())  # fmt: skip

    cohort = f"/cohorts/{world.cohort.ref}/team/"
    pages = {cohort: 23, f"{cohort}automatic/": 19, url(world): 7, url(world, "add/?role=assessor"): 18,
             "/quality/workload/": 6, "/quality/absences/": 6, f"/quality/absences/{row.pk}/?suggest=1": 20,
             "/quality/assessors/borrow/": 7}  # fmt: skip
    before = {path: len(queries.of(browser, path)) for path in pages}
    grow()
    after = {path: len(queries.of(browser, path)) for path in pages}
    assert before == after
    assert list(after.values()) == list(pages.values())
