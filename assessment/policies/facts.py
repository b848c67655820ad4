"""What is known of somebody and a learner, read once: the ground that every policy stands on."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from assessment.models import InterestDeclaration
from courses.delivery.api import Allocation, Registration
from lms.accounts.api import Role, User

Part = Allocation.Role
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


_TODAY = "{row}.starts_on <= %(today)s AND ({row}.ends_on IS NULL OR {row}.ends_on >= %(today)s)"
# In SQL of its own: Django would spend ten times as long on putting the same question together, on every page.
_FACTS = f"""
SELECT 'allocation', a.role, '' FROM courses_allocation a
WHERE a.registration_id = %(registration)s AND a.user_id = %(user)s AND {_TODAY.format(row="a")}
UNION ALL
SELECT 'interest', i.kind, CASE WHEN i.resolved_at IS NULL THEN 'open' ELSE i.outcome END
FROM assessment_interestdeclaration i WHERE i.registration_id = %(registration)s AND i.user_id = %(user)s
UNION ALL
SELECT 'objection', CASE WHEN o.outcome = '' THEN 'open' ELSE o.outcome END, '' FROM assessment_objection o
WHERE o.registration_id = %(registration)s AND o.about_id = %(user)s AND o.outcome <> 'not_upheld'
UNION ALL
SELECT 'setting', CAST(p.setting_id AS TEXT), CASE WHEN EXISTS (
    SELECT 1 FROM courses_settingsupport s WHERE s.user_id = %(user)s AND s.setting_id = p.setting_id
    AND {_TODAY.format(row="s")}) THEN 'supported' ELSE '' END
FROM courses_placement p WHERE p.registration_id = %(registration)s AND {_TODAY.format(row="p")}
UNION ALL
SELECT 'declared', CASE WHEN d.supports THEN 'supports ' ELSE '' END || CASE WHEN d.teaches THEN 'teaches ' ELSE '' END
    || CASE WHEN d.manages THEN 'manages' ELSE '' END, ''
FROM assessment_dualroledeclaration d WHERE d.id = (
    SELECT MAX(l.id) FROM assessment_dualroledeclaration l JOIN courses_allocation a ON a.id = l.allocation_id
    WHERE l.registration_id = %(registration)s AND l.user_id = %(user)s AND l.valid_until >= %(today)s
    AND a.role = 'assessor' AND {_TODAY.format(row="a")})
"""


def facts_of(user: User, registration: Registration) -> Facts:
    """Reads the facts. One query, and the memberships that the request has read anyway."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    today = connection.ops.adapt_datefield_value(timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"registration": registration.pk, "user": user.pk, "today": today})
        for what, first, second in cursor.fetchall():
            found[what].append((first, second))
    roles = {role for role, _ in found["allocation"]}
    interests = {outcome for _, outcome in found["interest"]}
    settings = {int(setting) for setting, _ in found["setting"]}
    unavoidable = InterestDeclaration.Outcome.UNAVOIDABLE.value
    return Facts(
        is_learner=registration.learner_id == user.pk, has_role=user.has_role(Role.ASSESSOR),
        is_area_senco=user.has_role(Role.AREA_SENCO),
        is_assessor=Part.ASSESSOR in roles, is_second=Part.SECOND_ASSESSOR in roles,
        open_interest="open" in interests, stands_aside="stands_aside" in interests,
        unavoidable=unavoidable in interests,
        works_here=any(membership.organisation_id in settings for membership in user.current_memberships),
        employment_settled=(InterestDeclaration.Kind.EMPLOYMENT.value, unavoidable) in found["interest"],
        supports=bool(roles & {Part.SUPPORTER, Part.MENTOR}) or any(how for _, how in found["setting"]),
        teaches=Part.TUTOR in roles,
        declared=frozenset(found["declared"][0][0].split()) if found["declared"] else None,
        objection=max((outcome for outcome, _ in found["objection"]), default=""),
    )  # fmt: skip
