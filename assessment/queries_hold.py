"""What the data-protection role, a reporter and a learner read about a privacy hold (rule 4)."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery

from assessment.models import Decision, DecisionVersion
from courses.delivery.api import Hold
from lms.accounts.api import Role, User, is_staff_of
from portfolio.api import EvidenceFile, EvidenceVersion, items_on_hold
from portfolio.domain.destroy import same_files
from portfolio.queries import FACTS, linked


def holds_to_settle(user: User) -> QuerySet[Any]:
    """Holds that are open at the centres whose data-protection role the user has, with whose evidence it is, and the
    number of a version that was handed in since."""
    return with_newer(protected(user).filter(state__in=Hold.HIDING))


def holds_settled(user: User) -> QuerySet[Any]:
    """Holds that have ended there."""
    return with_newer(protected(user).exclude(state__in=Hold.HIDING))


def protected(user: User) -> QuerySet[Hold]:
    """Every hold at the centres whose data-protection role the user has, never on the user's own evidence."""
    rows = Hold.objects.visible_to(user).filter(registration__centre__in=user.organisations(Role.DATA_PROTECTION))
    return rows.exclude(registration__learner=user)


def with_newer(rows: QuerySet[Hold]) -> QuerySet[Any]:
    """Adds who it is about, and the number of the latest submitted version after those on hold, if there is one."""
    newer = EvidenceVersion.objects.filter(
        evidence__ref=OuterRef("subject"), number__gt=OuterRef("through_number")
    ).exclude(state="draft").order_by("-number")  # fmt: skip
    return rows.select_related("registration__learner", "reported_by", "decided_by").annotate(
        newer=Subquery(newer.values("number")[:1], output_field=IntegerField())
    )


@dataclass
class HoldPage:
    """A hold as somebody may read it. `settles`: they are the data-protection role and decide about it; then also the
    versions, what waits and what does not count, and other pieces that have one of its files."""

    hold: Any
    settles: bool
    versions: list[EvidenceVersion] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    elsewhere: int = 0
    later: list[int] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """It hides evidence now."""
        return self.hold.state in Hold.HIDING


def hold_page(user: User, hold: Hold) -> HoldPage:
    """Reads a hold that the user may see. A constant number of queries."""
    mine = hold.registration.learner_id == user.pk
    page = HoldPage(hold, is_staff_of(user, hold.registration.centre_id, Role.DATA_PROTECTION) and not mine)
    if not page.settles or not page.is_open:
        return page
    page.versions = held_versions_shown(hold)
    items = items_on_hold(hold.registration_id).filter(versions__evidence__ref=hold.subject).distinct()
    page.waiting = list(items.order_by("criterion__position").values_list("criterion__code", flat=True))
    rests = DecisionVersion.objects.filter(decision=OuterRef("pk"), version__evidence__ref=hold.subject)
    held = Decision.objects.filter(Exists(rests), is_held=True, registration=hold.registration_id)
    page.decided = list(held.order_by("criterion__position").values_list("criterion__code", flat=True))
    alike = EvidenceFile.objects.filter(same_files(page.versions), version__evidence__registration=hold.registration_id)
    page.elsewhere = alike.exclude(version__evidence__ref=hold.subject).values("version__evidence").distinct().count()
    later = alike.filter(version__evidence__ref=hold.subject, version__number__gt=hold.through_number)
    page.later = sorted(set(later.values_list("version__number", flat=True)))
    return page


def held_versions_shown(hold: Hold) -> list[EvidenceVersion]:
    """The versions on hold with everything that is shown of them, the newest first; not what is in the bin."""
    rows = EvidenceVersion.objects.filter(
        evidence__ref=hold.subject, number__lte=hold.through_number, binned_at__isnull=True
    )
    shown = rows.select_related("evidence__registration", *FACTS).prefetch_related(linked(), "files__renditions")
    return list(shown.order_by("-number"))
