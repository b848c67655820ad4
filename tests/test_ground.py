"""The ground itself: what tests may count on, and that a test that commits leaves it as it was."""

import pytest
from django.db import connection
from wagtail.models import Page

from courses.delivery.api import CriterionStatus
from courses.framework.api import Criterion, Framework
from lms.accounts.api import User
from lms.common import triggers
from portfolio.api import EvidenceVersion
from tests import ground
from tests.factories import make_submission, make_world, settle


def counts() -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(ground.tables()) - ground.DERIVED):
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
def test_a_test_starts_with_the_specification_the_course_and_nobody():
    assert list(Framework.objects.values_list("code", flat=True)) == ["early-years-senco-level-3-2022"]
    assert Criterion.objects.count() == 60
    assert User.objects.count() == 0
    assert Page.objects.filter(live=True).count() > 1


@pytest.mark.django_db
def test_a_world_goes_from_evidence_to_achieved():
    world = make_world()
    submission = make_submission(world.registration, "1.1", "1.2.a")
    settle(submission, by=world.assessor, outcomes={"1.1": "referred"})
    status = CriterionStatus.objects.filter(registration=world.registration).exclude(status="not_started")
    assert dict(status.values_list("criterion__code", "status")) == {"1.1": "referred", "1.2.a": "achieved"}
    assert EvidenceVersion.objects.get().state == "decided"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_test_that_commits_leaves_the_ground_as_it_was(time: str):
    before = counts()
    settle(make_submission(make_world().registration, "1.1"), by=User.objects.get(name="Asha Patel"))
    assert counts() != before
    ground.go_back()
    assert counts() == before
    assert triggers.missing() == []
