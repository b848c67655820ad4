"""An authority records which of its Area SENCOs supports which setting, and what it calls them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from courses.delivery.models import SettingSupport
from courses.delivery.policies import may_run_authority
from lms.accounts.models import Membership, Organisation, Role, User
from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused
from lms.notices.api import tell

LONGEST_TITLE = 60


def record_support(authority: Organisation, settings: Iterable[Organisation], person: User, *, starts_on: date,
                   by: User, at: datetime) -> list[SettingSupport]:  # fmt: skip
    """Records that somebody supports these settings from a day on, which makes them a supporter of every learner who
    works there (rule 9). Settings that they support already are passed over; the person is told.

    Refused for anybody but the authority's cohort managers, for a setting of another authority, for somebody who is
    not its Area SENCO on that day, and when nothing is left to record.
    """
    wanted = list(settings)
    with transaction.atomic():
        _lock(authority, by)
        roles = Membership.objects.current(on=starts_on).filter(organisation=authority, role=Role.AREA_SENCO)
        if not roles.filter(user=person).exists():
            raise Refused("support-role", f"{person.name} is not {_a(authority.role_title)} of {authority.name} on "
                          f"{starts_on:%-d %B %Y}.")  # fmt: skip
        if any(setting.local_authority_id != authority.pk or setting.kind != Organisation.Kind.SETTING
               for setting in wanted):  # fmt: skip
            raise Refused("support-setting", f"Choose settings of {authority.name} only.")
        held = set(SettingSupport.objects.filter(setting__in=wanted, user=person, ends_on__isnull=True)
                   .values_list("setting_id", flat=True))  # fmt: skip
        rows = [
            SettingSupport(authority=authority, setting=setting, user=person, starts_on=starts_on)
            for setting in wanted if setting.pk not in held
        ]  # fmt: skip
        if not rows:
            raise Refused("support-held", f"{person.name} supports all of these settings already." if wanted
                          else "Choose at least one setting.")  # fmt: skip
        made = SettingSupport.objects.bulk_create(rows)
        number = f"{len(made)} settings" if len(made) > 1 else made[0].setting.name
        _tell(person, by, f"From {starts_on:%-d %B %Y} you support {number}", at)
        record(
            stream_of("organisation", authority.pk), Action.SUPPORT_RECORDED, by=by, role="cohort_manager",
            subject=f"user:{person.pk}", at=at,
            changes={"settings": [row.setting_id for row in made], "starts_on": starts_on.isoformat()},
        )  # fmt: skip
    return made


def end_support(support: SettingSupport, *, ends_on: date, by: User, at: datetime) -> None:
    """Ends the support of a setting on a day. The row stays: what was decided meanwhile was decided with it. Refused
    for anybody but the authority's cohort managers, when it has an end already, and for a day before its start."""
    with transaction.atomic():
        authority = _lock(support.authority, by)
        row = SettingSupport.objects.select_related("user", "setting").get(pk=support.pk)
        if row.ends_on is not None:
            raise Refused("support-ended", f"This support ends on {row.ends_on:%-d %B %Y} already.")
        if ends_on < row.starts_on:
            raise Refused("support-dates", f"It starts on {row.starts_on:%-d %B %Y}. It cannot end before.")
        row.ends_on = ends_on
        row.save(update_fields=["ends_on"])
        _tell(row.user, by, f"Your support of {row.setting.name} ends on {ends_on:%-d %B %Y}", at)
        record(
            stream_of("organisation", authority.pk), Action.SUPPORT_ENDED, by=by, role="cohort_manager",
            subject=f"user:{row.user_id}", at=at,
            changes={"setting": row.setting_id, "ends_on": ends_on.isoformat()},
        )  # fmt: skip


def set_role_title(authority: Organisation, title: str, *, by: User, at: datetime) -> None:
    """Sets what the authority calls its Area SENCOs; nothing gives the usual name back. Refused for anybody but its
    cohort managers, and when it is too long. The same title again changes nothing."""
    words = " ".join(title.split())
    if len(words) > LONGEST_TITLE:
        raise Refused("title-length", f"The title may have up to {LONGEST_TITLE} characters.")
    with transaction.atomic():
        row = _lock(authority, by)
        if row.area_senco_title == words:
            return
        row.area_senco_title = words
        row.save(update_fields=["area_senco_title"])
        record(
            stream_of("organisation", row.pk), Action.TITLE_SET, by=by, role="cohort_manager", at=at,
            subject=f"organisation:{row.pk}", changes={"is_own": bool(words)},
        )  # fmt: skip


def _lock(authority: Organisation, by: User) -> Organisation:
    row = Organisation.objects.select_for_update().get(pk=authority.pk)
    if not may_run_authority(by, row):
        raise Refused("support-right", "Only the authority’s cohort managers record this.")
    return row


def _tell(person: User, by: User, title: str, at: datetime) -> None:
    if person.pk != by.pk:
        tell(person, "support", title, url=reverse("assessment:my_settings"), at=at)


def _a(words: str) -> str:
    return f"an {words}" if words[:1].lower() in "aeiou" else f"a {words}"
