"""Uploading activities and deciding on their libraries, in the editor."""

from typing import Any, cast

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from wagtail.admin import messages

from content.models import H5PActivity, H5PLibrary, H5PUpload
from content.policies import may_write, writes_for
from lms.accounts.api import Organisation, User
from lms.common import once
from lms.common.errors import Refused, reasons_of

from . import store
from .approve import activity_url, approve, describe, refuse
from .forms import DecisionForm, PackageForm
from .intake import begin
from .people import RIGHT, may_approve
from .shown import namesakes_of

LISTED_FILES = 400


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A package that becomes an activity of one's organisation; the system administrator's, of the product."""
    user = cast(User, request.user)
    mine = writes_for(user)
    if not mine and not user.is_superuser:
        raise PermissionDenied("Only authors upload activities.")
    owner = Organisation.objects.get(pk=min(mine)) if mine else None
    return _upload(request, owner, None)


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """A package that becomes the next version of an activity."""
    user = cast(User, request.user)
    rows = H5PActivity.objects.visible_to(user).listed().select_related("organisation")
    activity = get_object_or_404(rows, pk=pk)
    if not may_write(user, activity):
        raise PermissionDenied("This comes with the product.")
    return _upload(request, activity.organisation, activity)


def _upload(request: HttpRequest, owner: Organisation | None, activity: H5PActivity | None) -> HttpResponse:
    user = cast(User, request.user)
    form = PackageForm(request.POST or None, request.FILES or None, is_replacement=activity is not None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def act() -> str:
            upload = begin(said["package"], title=said.get("title", "").strip(), purpose=said["purpose"],
                           activity=activity, organisation=owner, by=user, at=timezone.now())  # fmt: skip
            return reverse("h5p_admin:upload", args=[upload.ref])

        try:
            return once.act_once(request, act)
        except Refused as refused:
            form.add_error("package", refused.message)
    title = f"A new version of “{activity}”" if activity else "Upload an activity"
    return _page(request, "upload", title, form=form, activity=activity, once=once.issue(user))


def _page(request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
    form = context.get("form")
    status = 422 if form is not None and form.errors else status
    return render(request, f"content/h5p/{template}.html", {"page_title": title, **context}, status=status)


@require_safe
@never_cache
@vary_on_headers("Accept")
def upload(request: HttpRequest, ref: str) -> HttpResponse:
    """How an upload goes: its progress, why it was refused, or what comes next. A script asks for the same as data."""
    row = get_object_or_404(
        H5PUpload.objects.visible_to(cast(User, request.user)).select_related("activity", "version"), ref=ref
    )
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"state": row.state, "step": row.step, "done": row.done, "total": row.total,
                             "over": row.is_over})  # fmt: skip
    waiting = row.version.libraries.filter(state=H5PLibrary.State.WAITING) if row.version else ()
    edit = activity_url(row.activity_id) if row.activity_id else ""
    again = reverse("h5p_admin:replace", args=[row.activity_id]) if row.activity_id else reverse("h5p_admin:new")
    return _page(request, "upload_status", row.name, upload=row, waiting=waiting, edit_url=edit, again_url=again,
                 may_approve=may_approve(cast(User, request.user)))  # fmt: skip


@require_safe
@permission_required(RIGHT, raise_exception=True)
def waiting(request: HttpRequest) -> HttpResponse:
    """The libraries that wait, with who asks and what for."""
    return _waiting(request, DecisionForm())


def _waiting(request: HttpRequest, form: DecisionForm, chosen: set[int] | None = None) -> HttpResponse:
    rows = H5PLibrary.objects.filter(state=H5PLibrary.State.WAITING).select_related("asked_by").defer("files", "meta")
    rows = rows.order_by("asked_at", "machine_name", "pk")
    others = namesakes_of(rows)
    listed = [(one, others.get(one.pk)) for one in rows]
    return _page(request, "waiting", "Libraries that wait for approval", listed=listed, form=form, chosen=chosen or (),
                 once=once.issue(cast(User, request.user)), next="waiting")  # fmt: skip


@require_safe
def library(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is known of a library: who asked, who decided, what it needs, which activities run it, its files."""
    row = get_object_or_404(
        H5PLibrary.objects.visible_to(cast(User, request.user)).select_related("asked_by", "decided_by"), pk=pk
    )
    return _library(request, row, DecisionForm(initial={"accessibility": row.accessibility}))


def _library(request: HttpRequest, row: H5PLibrary, form: DecisionForm) -> HttpResponse:
    user = cast(User, request.user)
    activities = H5PActivity.objects.visible_to(user).listed().filter(versions__pins__library=row).distinct()
    scripts = sorted(path for path in row.files if path.endswith((".js", ".html", ".svg")))
    return _page(
        request, "library", row.title, library=row, form=form, activities=activities.order_by("title"),
        needs=[f"{name} {major}.{minor}" for name, major, minor in row.dependencies],
        namesake=namesakes_of([row]).get(row.pk),
        files=sorted(row.files.items())[:LISTED_FILES], more=max(len(row.files) - LISTED_FILES, 0),
        scripts=len(scripts), may_approve=may_approve(user), once=once.issue(user), next="library",
        has_files=store.has(store.LIBRARIES, row.tree_hash),
    )  # fmt: skip


@require_POST
@permission_required(RIGHT, raise_exception=True)
def decide(request: HttpRequest) -> HttpResponse:
    """Approves or refuses the chosen libraries, or writes down accessibility failures of one."""
    user = cast(User, request.user)
    form = DecisionForm(request.POST)
    chosen = {int(one) for one in request.POST.getlist("library") if one.isdigit() and len(one) < 18}
    rows = list(H5PLibrary.objects.visible_to(user).filter(pk__in=chosen).order_by("pk"))
    back = request.POST.get("next") == "library" and len(rows) == 1
    if form.is_valid():
        try:
            return once.act_once(request, lambda: _decided(request, rows, form.cleaned_data, back))
        except Refused as refused:
            form.add_error(None, " ".join(one.message for one in reasons_of(refused)))
    return _library(request, rows[0], form) if back else _waiting(request, form, chosen)


def _decided(request: HttpRequest, rows: list[H5PLibrary], said: dict[str, str], back: bool) -> str:
    by, at = cast(User, request.user), timezone.now()
    match request.POST.get("decision"):
        case "approve":
            approve(rows, accessibility=said["accessibility"], note=said["note"], by=by, at=at)
            done = "approved"
        case "refuse":
            refuse(rows, note=said["note"], by=by, at=at)
            done = "refused"
        case "describe":
            for row in rows:
                describe(row, accessibility=said["accessibility"], by=by, at=at)
            done = "written down"
        case _:
            raise Refused("h5p-decision", "Choose what to do: approve or refuse.")
    many = rows[0].name if len(rows) == 1 else f"{len(rows)} libraries"
    messages.success(request, f"{many}: {done}.")
    return reverse("h5p_admin:library", args=[rows[0].pk]) if back else reverse("h5p_admin:waiting")
