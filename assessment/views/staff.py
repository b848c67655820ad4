"""The record of a centre's staff: what each may assess on the day, and proof of what it follows from."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.forms_competence import StaffFilter
from assessment.queries_competence import cpd_totals, members, narrowed, staff_of, waits_for_proof, withdrawn_because
from lms.accounts.api import StaffCpd, User
from lms.accounts.competence import KEEPER_ROLES, check_proof
from lms.common.once import act_once
from lms.common.paging import keyset

from .competence import METHODS, added, find, home_of
from .workspace import person

SIZE = 25
PAGE = 20


def keeper(request: HttpRequest) -> User:
    """The signed-in lead IQA or administrator of a centre. Raises PermissionDenied (403) for everybody else."""
    user = person(request)
    if not user.centres(*KEEPER_ROLES):
        raise PermissionDenied("This page is for lead internal quality assurers and centre administrators.")
    return user


@login_required
@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    """The centre's assessors and IQAs by name, with what each may assess today. Narrowed by ?q=, ?role= and ?show=."""
    user = keeper(request)
    form = StaffFilter(request.GET)
    chosen, everybody = form.chosen, staff_of(user)
    rows = narrowed(everybody, user, chosen)
    page = keyset(request, rows, ["name", "pk"], size=SIZE)
    page.items = members(page.items, user)
    total = rows.count()
    word = "person" if total == 1 else "people"
    context = {
        "form": form, "chosen": chosen, "page": page, "total": total,
        "shown": f"{total} {word}" if len(page) == total else f"{len(page)} of {total} {word}",
        "to_prove": narrowed(everybody, user, {"show": "to_prove"}).count(),
    }  # fmt: skip
    return render(request, "assessment/competence_staff.html", context)


def _member(request: HttpRequest, pk: int) -> User:
    """A member of the staff whose record the user keeps; 404 for anybody else's."""
    return get_object_or_404(staff_of(keeper(request)), pk=pk)


@login_required
@require_safe
def staff_member(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's record, as their centre sees it."""
    user = keeper(request)
    member = members([_member(request, pk)], user)[0]
    because = withdrawn_because(member.rows)
    log = StaffCpd.objects.visible_to(user).filter(user=member.user)
    context = {
        "member": member, "own": member.user == user,
        "rows": [(row, waits_for_proof(row)) for row in member.rows if row.withdrawn_at is None],
        "withdrawn": [(row, because.get(row.pk, "")) for row in member.rows if row.withdrawn_at is not None],
        "totals": cpd_totals(member.user), "page": keyset(request, log, ["-happened_on", "-pk"], size=PAGE),
    }  # fmt: skip
    return render(request, "assessment/competence_member.html", context)


@login_required
@require_http_methods(METHODS)
def staff_qualification_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a qualification to the record of a member of the staff."""
    member: Any = _member(request, pk)
    said = f"Added to the record of {member.name}. It counts once somebody has seen proof of it."
    return added(request, member, "assessment:staff_member", said, pk)


@login_required
@require_POST
def qualification_seen(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The centre has seen proof of a qualification: from now on it counts. Never one's own (rule 10). There is nothing
    typed to show again: a refusal gets its own page (409)."""
    keeper(request)
    row = find(request, ref)

    def act() -> str:
        check_proof(row, by=person(request), at=timezone.now())
        messages.success(request, f"You have seen proof of “{row.title}”. It counts from now on.")
        return home_of(request, row)

    return act_once(request, act)
