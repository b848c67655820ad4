"""Packages that nobody here made: taken in as an upload is, approved, and started in a real browser. Whatever follows
the specification starts."""

import pytest

from courses.pages.queries import address
from lms.accounts.api import Role
from tests.factories import make_person, make_world
from tests.factories.activities import block_with, make_activity_lesson
from tests.factories.h5p import make_activity
from tests.factories.h5p_traits import TRAITS

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def test_a_package_of_each_trait_is_taken_in_and_starts(visit):
    world = make_world()
    owner = world.cohort.qualification.awarding_organisation
    author = make_person("Ada Author", (Role.AUTHOR, owner))
    visitor = visit().arrive_as(world.trainee)
    for name, trait in TRAITS.items():
        activity = make_activity(trait.data, by=author, organisation=owner)
        visitor.go(address(make_activity_lesson(block_with(activity))))
        visitor.page.frame_locator(".play__frame").get_by_role("button", name="Press here").wait_for()
        inside = next(one for one in visitor.page.frames if "/h5p/play/" in one.url)
        assert inside.evaluate("window.order") == trait.seen, name
        if "styles" in name:
            colour = "getComputedStyle(document.querySelector('.h5p-container')).color"
            assert inside.evaluate(colour) == "rgb(1, 2, 3)"
