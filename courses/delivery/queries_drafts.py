"""Drafts sent to tutors: whom they go to, what a learner's page shows of them, and the tutor's list."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lms.accounts.models import Membership, Role, User

from .models import Allocation, Registration, TutorDraft
from .visibility import in_force, tutored_by

WAITING, COMMENTED = "waiting", "commented"


def tutors_of(registration: Registration) -> list[User]:
    """Who comments on a learner's drafts today: the tutors allocated to them; without any, the tutors of their centre.
    Never the learner."""
    people = User.objects.filter(is_active=True).exclude(pk=registration.learner_id).order_by("name", "pk")
    given = Allocation.objects.filter(
        in_force(), registration=registration, role=Allocation.Role.TUTOR, user__is_active=True
    )
    if given.exists():
        return list(people.filter(pk__in=given.values("user")))
    staff = Membership.objects.current().filter(organisation=registration.centre_id, role=Role.TUTOR)
    return list(people.filter(pk__in=staff.values("user")))


@dataclass(frozen=True)
class SentDraft:
    """A version that was sent, as its learner sees it: the comments only once the tutor has sent them."""

    ref: UUID
    number: int
    text: str
    sent_at: datetime
    begun_by: str
    comments: str
    commented_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        """The comments are not there yet."""
        return self.commented_at is None


@dataclass(frozen=True)
class Drafts:
    """What a page shows of its reader's drafts: `tutor`, whom one is sent to in words ("" = nobody yet), and by block
    what was sent, the first version first."""

    tutor: str = ""
    sent: dict[str, list[SentDraft]] = field(default_factory=dict)

    def newest(self, block: str) -> SentDraft | None:
        """The version sent last from a block."""
        return self.sent[block][-1] if self.sent.get(block) else None


def drafts_on(registration: Registration, page_id: int) -> Drafts:
    """A learner's drafts on a page, and whom the next one would go to. One query."""
    rows = Registration.objects.filter(pk=registration.pk).annotate(
        draft=FilteredRelation("tutor_drafts", condition=Q(tutor_drafts__page_id=page_id)), **_recipients()
    )
    names = ("ref", "number", "text", "sent_at", "commented_by__name", "comments", "commented_at", "block")
    found: dict[str, list[SentDraft]] = {}
    tutor = ""
    for row in rows.order_by("draft__number").values("given", "givens", "staff", "staffs",
                                                    *(f"draft__{name}" for name in names)):  # fmt: skip
        tutor = _named(row["given"], row["givens"]) or _named(row["staff"], row["staffs"])
        if row["draft__ref"] is not None:
            found.setdefault(str(row["draft__block"]), []).append(_sent(row))
    return Drafts(tutor, found)


def _sent(row: dict[str, Any]) -> SentDraft:
    is_there = row["draft__commented_at"] is not None
    return SentDraft(
        row["draft__ref"], row["draft__number"], row["draft__text"], row["draft__sent_at"],
        row["draft__commented_by__name"] or "", row["draft__comments"] if is_there else "", row["draft__commented_at"],
    )  # fmt: skip


def _recipients() -> dict[str, Any]:
    """The first of the learner's own tutors and how many they are; the same of the centre's."""
    given = Allocation.objects.filter(in_force(), registration=OuterRef("pk"), role=Allocation.Role.TUTOR,
                                      user__is_active=True)  # fmt: skip
    staff = Membership.objects.current().filter(organisation=OuterRef("centre"), role=Role.TUTOR, user__is_active=True)
    staff = staff.exclude(user=OuterRef("learner"))
    found: dict[str, Any] = {}
    for name, rows, of in (("given", given, "registration"), ("staff", staff, "organisation")):
        number = rows.order_by().values(of).annotate(n=Count("user", distinct=True)).values("n")
        found[name] = Subquery(rows.order_by("user__name", "user").values("user__name")[:1])
        found[f"{name}s"] = Coalesce(Subquery(number, output_field=IntegerField()), 0)
    return found


def _named(first: str | None, number: int) -> str:
    if not first:
        return ""
    return first if number == 1 else "your tutors"


def drafts_for(tutor: User) -> QuerySet[Any]:
    """The drafts that a tutor may read, with learner, cohort and page."""
    rows = TutorDraft.objects.for_tutor(tutor)
    return rows.select_related("registration__learner", "registration__cohort", "page", "commented_by")


def narrowed(rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    """The drafts that the filters leave: `q`, part of a trainee's name or of the lesson's title; `cohort`, its key."""
    if "q" in chosen:
        rows = rows.filter(
            Q(registration__learner__name__icontains=chosen["q"]) | Q(page__title__icontains=chosen["q"])
        )
    if "cohort" in chosen:
        rows = rows.filter(registration__cohort=chosen["cohort"])
    return rows


def shown(rows: QuerySet[Any], which: str) -> QuerySet[Any]:
    """Those that wait for comments, or those commented on."""
    return rows.filter(commented_at__isnull=which == WAITING)


def counts_of(rows: QuerySet[Any]) -> dict[str, int]:
    """How many wait and how many are commented on. One query."""
    return rows.order_by().aggregate(
        waiting=Count("pk", filter=Q(commented_at__isnull=True)),
        commented=Count("pk", filter=Q(commented_at__isnull=False)),
    )


def cohorts_with_drafts(tutor: User) -> list[tuple[int, str]]:
    """The cohorts of the learners whose drafts a tutor may read: key and name. One query."""
    rows = TutorDraft.objects.for_tutor(tutor).filter(registration__cohort__isnull=False).order_by()
    found = rows.values_list("registration__cohort", "registration__cohort__name").distinct()
    return sorted(found, key=lambda row: row[1])


def is_tutor_of(user: User, registration: Registration) -> bool:
    """Comments on the learner's drafts today."""
    return Registration.objects.filter(tutored_by(user), pk=registration.pk).exists()
