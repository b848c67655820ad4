"""The Area SENCO's own page: the settings they support, the trainees there, and what they must declare."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessment.forms_dual import SettingsFilter
from assessment.queries_dual import assessed_by, settings_supported_by, soon_over, to_declare, with_trainees
from lms.accounts.api import Role
from lms.common.paging import keyset

from .workspace import person

SIZE = 50
MOST = 50  # to declare and soon over: nobody has more, and the rest follows once these are done


@login_required
@require_safe
def my_settings(request: HttpRequest) -> HttpResponse:
    """Settings with their trainees' progress, those of them whom the user assesses, and the declarations that are due.
    Never any evidence by supporting (rule 35). Raises PermissionDenied for somebody who supports no setting and is no
    Area SENCO."""
    user = person(request)
    form = SettingsFilter(request.GET, auto_id="filter_%s")
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    rows = settings_supported_by(user, words=words)
    total = settings_supported_by(user).count()
    if not total and not user.has_role(Role.AREA_SENCO):
        raise PermissionDenied("This page is for whoever supports settings.")
    page = keyset(request, rows, ["name", "pk"], size=SIZE)
    today = timezone.localdate()
    context = {
        "form": form, "words": words, "total": total, "page": page, "rows": with_trainees(user, page),
        "to_declare": list(to_declare(user).order_by("learner__name", "pk")[:MOST]),
        "soon": list(soon_over(user, today=today).order_by("valid_until", "pk")[:MOST]),
        "assessing": assessed_by(user).count(), "title": _title(user), "assesses": user.has_role(Role.ASSESSOR),
    }  # fmt: skip
    return render(request, "assessment/settings_mine.html", context)


def _title(user: object) -> str:
    """What the user's authority calls their role."""
    rows = getattr(user, "current_memberships", [])
    return next((m.organisation.role_title for m in rows if m.role == Role.AREA_SENCO), Role.AREA_SENCO.label)
