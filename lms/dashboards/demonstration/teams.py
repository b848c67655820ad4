"""The centre's teams: how many trainees each assessor may have, and an absence for which nobody covers yet."""

from datetime import timedelta

from django.utils import timezone

from courses.delivery.api import record_absence
from lms.accounts.api import Membership, Organisation, Role, User, set_limit

from .clock import moment

LIMITS = {"dana": 16, "ruth": 12, "marcus": 10}
AWAY, STARTS_IN, DAYS = "marcus", 9, 11


def teams(people: dict[str, User], centre: Organisation) -> None:
    """Sets the limits and records the absence, as the centre's administrator does."""
    for key, learners in LIMITS.items():
        membership = Membership.objects.get(user=people[key], organisation=centre, role=Role.ASSESSOR)
        set_limit(membership, learners, by=people["admin"], at=moment(60, 10))
    first = timezone.localdate() + timedelta(days=STARTS_IN)
    record_absence(
        centre, people[AWAY], starts_on=first, ends_on=first + timedelta(days=DAYS), note="Please call the office "
        "meanwhile", moves_work=True, by=people["admin"], at=moment(1, 10),
    )  # fmt: skip
