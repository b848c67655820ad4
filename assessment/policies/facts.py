"""What is known of somebody and a learner, read once: the ground that every policy stands on."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from assessment.models import DualRoleDeclaration, InterestDeclaration, Objection
from courses.delivery.api import Allocation, Placement, Registration, SettingSupport, in_force
from lms.accounts.api import Role, User

OTHER_ROLES = ("supports", "teaches", "manages")


@dataclass(frozen=True)
class Facts:
    """How a person stands to a learner today.

    `supports` and `teaches` come from the records: allocations, and the authority's record of who supports which
    setting. `declared` holds the other roles that the person declared for their present allocation, None while nothing
    valid is declared. `objection`: "" | open | upheld.
    """

    is_learner: bool
    is_assessor: bool
    is_second: bool
    has_role: bool
    is_area_senco: bool
    open_interest: bool
    stands_aside: bool
    unavoidable: bool
    works_here: bool
    employment_settled: bool
    supports: bool
    teaches: bool
    declared: frozenset[str] | None
    objection: str

    @property
    def other_roles(self) -> set[str]:
        """Which other roles the person has towards the learner, from the records and by declaration."""
        found = set(self.declared or ())
        return found | {role for role in ("supports", "teaches") if getattr(self, role)}

    @property
    def is_dual(self) -> bool:
        """Also supports, teaches or manages the learner (rule 9)."""
        return bool(self.other_roles)

    @property
    def must_declare(self) -> bool:
        """Rule 9: whoever supports, teaches, or is an Area SENCO declares it for each allocation and yearly."""
        return self.declared is None and (self.is_area_senco or self.supports or self.teaches)


def facts_of(user: User, registration: Registration) -> Facts:
    """Reads the facts. One query, and the memberships that the request has read anyway."""
    places = Placement.objects.filter(in_force(), registration=OuterRef("pk"))
    mine = Allocation.objects.filter(in_force(), user=user, registration=OuterRef("pk"))
    interests = InterestDeclaration.objects.filter(user=user, registration=OuterRef("pk"))
    unavoidable = interests.filter(outcome=InterestDeclaration.Outcome.UNAVOIDABLE)
    supported = SettingSupport.objects.filter(
        in_force(), in_force("setting__placements__"), user=user, setting__placements__registration=OuterRef("pk")
    )
    objections = Objection.objects.filter(about=user, registration=OuterRef("pk")).exclude(
        outcome=Objection.Outcome.NOT_UPHELD
    )
    declared = DualRoleDeclaration.objects.filter(
        in_force("allocation__"), allocation__role=Allocation.Role.ASSESSOR, user=user, registration=OuterRef("pk"),
        valid_until__gte=timezone.localdate(),
    ).order_by("-pk")  # fmt: skip
    row: dict[str, Any] = dict(Registration.objects.filter(pk=registration.pk).values(
        is_assessor=Exists(mine.filter(role=Allocation.Role.ASSESSOR)),
        is_second=Exists(mine.filter(role=Allocation.Role.SECOND_ASSESSOR)),
        open_interest=Exists(interests.filter(resolved_at__isnull=True)),
        stands_aside=Exists(interests.filter(outcome=InterestDeclaration.Outcome.STANDS_ASIDE)),
        unavoidable=Exists(unavoidable),
        employment_settled=Exists(unavoidable.filter(kind=InterestDeclaration.Kind.EMPLOYMENT)),
        works_here=Exists(places.filter(setting__in={m.organisation_id for m in user.current_memberships})),
        supports=Exists(mine.filter(role__in=[Allocation.Role.SUPPORTER, Allocation.Role.MENTOR]))
        | Exists(supported),
        teaches=Exists(mine.filter(role=Allocation.Role.TUTOR)),
        objection=Subquery(objections.order_by("-pk").values("outcome")[:1]),
        declaration=Subquery(declared.values("pk")[:1]),
        **{f"declared_{role}": Subquery(declared.values(role)[:1]) for role in OTHER_ROLES},
    )[0])  # fmt: skip
    roles = frozenset(role for role in OTHER_ROLES if row.pop(f"declared_{role}"))
    objection = row.pop("objection")
    return Facts(
        is_learner=registration.learner_id == user.pk, has_role=user.has_role(Role.ASSESSOR),
        is_area_senco=user.has_role(Role.AREA_SENCO),
        declared=roles if row.pop("declaration") is not None else None,
        objection="" if objection is None else objection or "open",
        **{name: bool(value) for name, value in row.items()},
    )  # fmt: skip


def with_interest(user: User) -> Q:
    """Registrations in whose result the user has an interest that keeps them from deciding (rule 8)."""
    interests = InterestDeclaration.objects.filter(user=user, registration=OuterRef("pk"))
    return Q(Exists(interests.filter(Q(resolved_at__isnull=True) | Q(outcome="stands_aside"))))
