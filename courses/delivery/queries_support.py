"""Which settings an authority has, and who supports them."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from lms.accounts.models import Membership, Organisation, Role, User

from .models import Placement, Registration, SettingSupport
from .visibility import in_force

NOBODY = "nobody"


def authorities_run_by(user: User) -> list[Organisation]:
    """The authorities whose cohort manager the user is, by name."""
    rows = {m.organisation for m in user.current_memberships if m.role == Role.COHORT_MANAGER}
    return sorted((row for row in rows if row.kind == Organisation.Kind.LOCAL_AUTHORITY), key=lambda row: row.name)


def not_over(prefix: str = "") -> Q:
    """Rows in force today or later."""
    return Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": timezone.localdate()})


def area_sencos_of(authority: Organisation) -> QuerySet[User]:
    """The authority's Area SENCOs today, by name."""
    roles = Membership.objects.current().filter(organisation=authority, role=Role.AREA_SENCO)
    return User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("name", "pk")


def settings_of(authority: Organisation, *, words: str = "", person: str = "") -> QuerySet[Any]:
    """The authority's settings with `support_now`, who supports each now or soon, and `trainees`, how many study there.
    `words`: part of the name; `person`: the pk of who supports them, or "nobody"."""
    working = Placement.objects.filter(
        in_force(), setting=OuterRef("pk"), registration__state__in=Registration.OPEN_STATES
    )
    number = working.order_by().values("setting").annotate(n=Count("registration", distinct=True)).values("n")
    support = SettingSupport.objects.filter(not_over()).select_related("user").order_by("starts_on", "pk")
    rows = Organisation.objects.filter(kind=Organisation.Kind.SETTING, local_authority=authority)
    if words:
        rows = rows.filter(name__icontains=words)
    if person:
        held = SettingSupport.objects.filter(not_over(), setting=OuterRef("pk"))
        rows = rows.filter(~Exists(held) if person == NOBODY else Exists(held.filter(user=int(person))))
    return rows.annotate(trainees=Coalesce(Subquery(number), 0)).prefetch_related(
        Prefetch("support_received", support, to_attr="support_now")
    )


def numbers_by_person(authority: Organisation) -> list[dict[str, Any]]:
    """How many settings each person of the authority supports today: pk, name, settings. One query."""
    rows = SettingSupport.objects.filter(in_force(), authority=authority).order_by()
    found = rows.values(pk=F("user_id"), name=F("user__name")).annotate(settings=Count("setting", distinct=True))
    return sorted(map(dict, found), key=lambda row: row["name"])
