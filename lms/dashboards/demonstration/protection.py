"""What the demonstration's data-protection role and safeguarding lead find: a report that a child can be recognised,
one that was settled, and a concern."""

from assessment.api import place_hold, release_hold
from courses.delivery.api import Registration, raise_concern
from lms.accounts.api import User
from portfolio.api import Evidence

from .clock import moment

OPEN, SETTLED = "Beth Lowry", "Amara Obi"
GIVES_AWAY = "rare chromosome condition"
REPORT = "It says that one child here has a rare chromosome condition. In so small a nursery everybody knows who."
DOUBT = "There is a first name in it. I am not sure whether it is a child’s."
ANSWER = "The name is the trainee’s own. No child can be recognised."
CONCERN = "On Tuesday at pick-up a boy in our toddler room did not want to go to the adult who came for him. He cried and held on to his key person. It is the third time this month. I have told our own designated safeguarding lead as well."  # noqa: E501


def protection(registrations: dict[str, Registration], people: dict[str, User]) -> None:
    """Two reports and a concern, by those who read the work."""
    settled = place_hold(_piece(registrations[SETTLED]), DOUBT, by=people["dana"], at=moment(2, 10, 20))
    release_hold(settled, ANSWER, by=people["protection"], at=moment(1, 9, 40))
    place_hold(_piece(registrations[OPEN], GIVES_AWAY), REPORT, by=people["iqa"], at=moment(1, 14, 5))
    centre = registrations[OPEN].centre
    raise_concern(centre, CONCERN, by=people["manager"], at=moment(1, 17, 45))


def _piece(registration: Registration, words: str = "") -> Evidence:
    """The first piece that the trainee submitted, and that says these words."""
    rows = Evidence.objects.filter(registration=registration, versions__submitted_at__isnull=False)
    return rows.filter(versions__text__contains=words).order_by("versions__submitted_at", "pk")[0]
