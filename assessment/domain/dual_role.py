"""Dual roles (rule 9): what an assessor declares of their other roles towards a learner, and what awarding
organisations and authorities allow."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from assessment.models import DualRoleDeclaration, DualRolePolicy
from assessment.policies import facts_of
from assessment.policies.facts import OTHER_ROLES
from assessment.policies.owners import may_set_dual_roles
from courses.delivery.api import (
    Allocation,
    Registration,
    in_force,
    lock_registration,
    on_allocation,
    registration_stream,
)
from lms.accounts.api import Organisation, User
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused
from lms.common.housekeeping import each_night
from lms.notices.api import Notice, tell

REMIND_DAYS = (30, 7)  # before a declaration ends
WORDS = {"supports": "supports you", "teaches": "teaches you", "manages": "manages your work"}
LONGEST = 1000
ASKED = "declare"


def declare_dual_role(registration: Registration, roles: Iterable[str], detail: str, *, by: User,
                      at: datetime) -> DualRoleDeclaration:  # fmt: skip
    """An assessor declares, for the learner allocated to them and for a year, whether they also support, teach or
    manage the learner's work; `roles` are some of OTHER_ROLES, none of them is an answer too. What the records say is
    declared with it, whatever was ticked. The learner reads it, and is told when there is something new.

    Refused for anybody but the learner's assessor of today, and when the detail is too long.
    """
    unknown = set(roles) - set(OTHER_ROLES)
    if unknown:
        raise Refused("rule-09-role", "Choose which other roles you have.")
    if len(detail) > LONGEST:
        raise Refused("rule-09-detail", f"What you tell the learner may have up to {LONGEST} characters.")
    with transaction.atomic():
        row = lock_registration(registration.pk)
        mine = Allocation.objects.filter(in_force(), registration=row, user=by, role=Allocation.Role.ASSESSOR)
        allocation = mine.order_by("starts_on", "pk").last()
        if allocation is None:
            raise Refused("rule-06-not-allocated", "You are not this learner's assessor now.")
        facts = facts_of(by, row)
        found = set(roles) | {role for role in ("supports", "teaches") if getattr(facts, role)}
        declaration = DualRoleDeclaration.objects.create(
            allocation=allocation, registration=row, user=by, detail=detail.strip(), declared_at=at,
            valid_until=timezone.localtime(at).date() + relativedelta(years=1),
            **{role: role in found for role in OTHER_ROLES},
        )  # fmt: skip
        if found and found != facts.declared:
            tell(row.learner, "dual-role", f"{by.name}, who assesses you, also {said(found)}",
                 url=reverse("assessment:people"), at=at)  # fmt: skip
        record(
            registration_stream(row.pk), Action.DUAL_ROLE_DECLARED, by=by, role="assessor", at=at,
            subject=f"allocation:{allocation.pk}", changes={"roles": sorted(found)},
        )  # fmt: skip
    return declaration


def said(roles: Iterable[str], words: dict[str, str] = WORDS) -> str:
    """Other roles in words, as the learner reads them: "supports you and teaches you"."""
    return " and ".join(words[role] for role in OTHER_ROLES if role in set(roles))


def set_dual_role_policy(organisation: Organisation, tier: str, rule: str, *, national_award: bool, by: User,
                         at: datetime) -> DualRolePolicy:  # fmt: skip
    """An awarding organisation, or an authority for its own cohorts, sets from now on what holds in a tier for an
    assessor who also supports, teaches or manages the learner. Earlier rows are the history.

    Refused for anybody but an administrator of the awarding organisation or a cohort manager of the authority, and
    when it is set so already.
    """
    if tier not in DualRolePolicy.Tier.values or rule not in DualRolePolicy.Rule.values:
        raise Refused("rule-09-choice", "Choose what is allowed.")
    with transaction.atomic():
        owner = Organisation.objects.select_for_update().get(pk=organisation.pk)
        if not may_set_dual_roles(by, owner):
            raise Refused("rule-09-right", "Only the awarding organisation’s administrators, or the authority’s "
                          "cohort managers, set this.")  # fmt: skip
        last = DualRolePolicy.objects.filter(organisation=owner, tier=tier).order_by("in_force_from", "pk").last()
        if last is not None and (last.rule, last.national_award) == (rule, national_award):
            raise Refused("rule-09-same", "It is set to this already.")
        policy = DualRolePolicy.objects.create(
            organisation=owner, tier=tier, rule=rule, national_award=national_award, in_force_from=at, set_by=by
        )
        record(
            stream_of("organisation", owner.pk), Action.DUAL_ROLE_POLICY_SET, by=by, role="policy", at=at,
            subject=f"organisation:{owner.pk}",
            changes={"tier": tier, "rule": rule, "national_award": national_award},
        )  # fmt: skip
    return policy


@on_allocation
def ask_to_declare(allocation: Allocation) -> None:
    """Whoever must declare before they can decide is asked to, each time they are allocated (rule 9)."""
    now = timezone.now()
    is_over = allocation.ends_on is not None and allocation.ends_on < timezone.localdate()
    if allocation.role != Allocation.Role.ASSESSOR or is_over:
        return
    user, registration = allocation.user, allocation.registration
    url = reverse("assessment:declare_dual_role", args=[registration.ref])
    if not facts_of(user, registration).must_declare or user.notices.filter(kind=ASKED, url=url, read_at=None).exists():
        return
    tell(user, ASKED, f"Before you decide for {registration.learner.name}: declare your other roles towards them",
         url=url, at=now)  # fmt: skip


@each_night
def remind_to_declare(at: datetime) -> None:
    """Reminds assessors 30 and 7 days before a declaration of theirs ends, once each; nobody who has declared anew,
    or is no longer allocated."""
    today = timezone.localtime(at).date()
    last = DualRoleDeclaration.objects.filter(user=OuterRef("user"), registration=OuterRef("registration"))
    rows = DualRoleDeclaration.objects.filter(
        in_force("allocation__"), pk=Subquery(last.order_by("-pk").values("pk")[:1]), valid_until__gte=today,
        valid_until__lte=today + timedelta(days=max(REMIND_DAYS)), registration__state__in=Registration.OPEN_STATES,
    ).select_related("registration__learner", "user").order_by("pk")  # fmt: skip
    for row in list(rows):
        days = min(days for days in REMIND_DAYS if row.valid_until <= today + timedelta(days=days))
        url = reverse("assessment:declare_dual_role", args=[row.registration.ref])
        kind = f"declare-{days}"
        with transaction.atomic():
            lock_registration(row.registration_id)
            if not Notice.objects.filter(user=row.user, kind=kind, url=url, created_at__gte=row.declared_at).exists():
                tell(row.user, kind, f"Declare your other roles towards {row.registration.learner.name} again by "
                     f"{row.valid_until:%-d %B %Y}", url=url, at=at)  # fmt: skip
