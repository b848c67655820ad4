"""Activities and H5P libraries in the editor's lists, and the chooser of an activity for a lesson."""

from typing import Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.panels import FieldPanel, ObjectList, Panel
from wagtail.admin.ui.tables import Column, UsageCountColumn
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import ReferenceIndex
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views import snippets

from content import snippets as owned
from content.models import H5PActivity, H5PLibrary
from content.policies import may_write, writes_for
from lms.accounts.api import User
from lms.common.errors import Refused

from . import usage
from .forms import ActivityForm
from .manage import describe, refusal, retire
from .people import may_approve, waiting_url
from .shown import failures_of, kind_of, stands_at, used_by, with_libraries


class VersionsPanel(Panel):
    """An activity's versions: what they run, what is known against it, where it can be tried and replaced."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "content/h5p/versions_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            versions = self.instance.versions.select_related("main_library", "created_by").order_by("-number")
            said = [(one, one.pins.select_related("library")) for one in versions]
            return {
                **super().get_context_data(parent_context), "versions": said, "activity": self.instance,
                "failures": failures_of(self.instance), "places": usage.places(self.instance),
            }  # fmt: skip


class ActivityIndexView(owned.IndexView):
    """The list; new ones are uploaded."""

    def get_add_url(self) -> str | None:
        return reverse("h5p_admin:new") if writes_for(self.request.user) or self.request.user.is_superuser else None


class UploadInstead(snippets.CreateView):
    """An activity begins as a package: there is no empty one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("h5p_admin:new")


class ActivityEditView(owned.EditView):
    """Title, text alternative and versions of an activity."""

    def save_instance(self) -> H5PActivity:
        said = self.form.cleaned_data
        return describe(self.object, title=said["title"], text_alternative=said["text_alternative"],
                        by=cast(User, self.request.user), at=timezone.now())  # fmt: skip

    def form_valid(self, form: Any) -> HttpResponse:
        self.form = form
        try:
            return cast(HttpResponse, super().form_valid(form))
        except Refused as refused:
            form.add_error(None, refused.message)
            return cast(HttpResponse, self.form_invalid(form))


def choosable(rows: models.QuerySet) -> models.QuerySet:
    """What a lesson may show."""
    return with_libraries(rows.usable())  # type: ignore[attr-defined]


class _Chooses(owned._Chooses):
    def get_object_list(self) -> models.QuerySet:
        return choosable(super().get_object_list())

    @property
    def columns(self) -> list[Column]:
        return [
            *super().columns,  # type: ignore[misc]
            Column("kind", label="Kind", accessor=kind_of),
            Column("failures", label="Known accessibility failures", accessor=failures_of),
        ]


class ChooseView(_Chooses, owned.ChooseView):
    """What an author chooses from: activities that are ready and have a text alternative."""


class ChooseResultsView(_Chooses, owned.ChooseResultsView):
    """The same, searched."""


class ActivityChooserViewSet(owned.ChooserViewSet):
    """Choosing an activity for a lesson."""

    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView


class ActivityViewSet(owned.OwnedViewSet):
    """Activities of one's own organisation and of the product."""

    model = H5PActivity
    icon = "cogs"
    menu_label = "Activities"
    add_to_admin_menu = False
    ordering = ["title", "pk"]
    index_view_class = ActivityIndexView
    add_view_class = UploadInstead
    edit_view_class = ActivityEditView
    copy_view_enabled = False
    chooser_viewset_class = ActivityChooserViewSet
    list_display: ClassVar = [
        "title", Column("kind", label="Kind", accessor=kind_of), Column("state", label="State", accessor=stands_at),
        Column("whose", label="Whose", accessor=owned.whose),
        UsageCountColumn("usage_count", label="Used in", sort_key="usage_count"),
    ]  # fmt: skip
    search_fields = ["title"]
    inspect_view_fields = ["title", "created_at"]

    def get_edit_handler(self) -> Any:
        panels = [FieldPanel("title"), FieldPanel("text_alternative"), VersionsPanel(heading="Versions")]
        return ObjectList(panels, base_form_class=ActivityForm).bind_to_model(self.model)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = with_libraries(H5PActivity.objects.visible_to(cast(User, request.user)).listed())
        return rows.annotate(usage_count=ReferenceIndex.usage_count_subquery(self.model))


class LibraryPolicy(ModelPermissionPolicy):
    """Everybody who edits content reads the list; nobody edits a row: libraries are decided on."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and self.model.objects.visible_to(user).exists() | may_approve(user)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return "view" in actions and self.user_has_permission(user, "view")

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)


class LibraryIndexView(owned.IndexView):
    """The list leads to a library's own page."""

    def get_edit_url(self, instance: Any) -> str:
        return reverse("h5p_admin:library", args=[instance.pk])

    def get_delete_url(self, instance: Any) -> None:
        return None

    def get_add_url(self) -> None:
        return None

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """What waits, for whoever decides on it."""
        if not may_approve(cast(User, self.request.user)):
            return []
        waiting = self.model.objects.filter(state=H5PLibrary.State.WAITING).count()
        return [HeaderButton(f"Waiting for approval ({waiting})", url=waiting_url(), icon_name="check")]


class LibraryViewSet(snippets.SnippetViewSet):
    """The libraries that activities run."""

    model = H5PLibrary
    icon = "code"
    menu_label = "H5P libraries"
    index_view_class = LibraryIndexView
    chooser_viewset_class = owned.ChooserViewSet
    copy_view_enabled = inspect_view_enabled = False
    search_backend_name = None
    list_per_page = 50
    ordering = ["machine_name", "-major", "-minor", "-patch", "pk"]
    list_display: ClassVar = [
        "title", Column("name", label="Name and version", accessor="name"),
        Column("state", label="State", accessor="get_state_display"),
        Column("versions_using", label="Versions that run it", accessor="versions_using"),
        Column("accessibility", label="Known accessibility failures", accessor="accessibility"),
    ]  # fmt: skip
    list_filter = ["state", "runnable"]
    search_fields = ["title", "machine_name"]

    @property
    def permission_policy(self) -> LibraryPolicy:
        return LibraryPolicy(self.model)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return used_by(H5PLibrary.objects.visible_to(cast(User, request.user))).defer("files", "meta")


class ActivitiesGroup(snippets.SnippetViewSetGroup):
    """Both under one entry of the editor's menu."""

    items = (ActivityViewSet, LibraryViewSet)
    menu_label = "Activities"
    menu_icon = "cogs"
    menu_name = "activities"
    menu_order = 260


def delete_activities(request: HttpRequest, rows: list[models.Model]) -> HttpResponse | None:
    """Before activities are deleted, one or several: each must be one's own and used nowhere. Says where it is. They
    are taken off the lists here; their rows and files go in time."""
    ours = [row for row in rows if isinstance(row, H5PActivity)]
    if any(isinstance(row, H5PLibrary) for row in rows):
        raise PermissionDenied("A library that nobody needs goes by itself.")
    if not ours:
        return None
    user = cast(User, request.user)
    for row in ours:
        if not H5PActivity.objects.visible_to(user).filter(pk=row.pk).exists():
            raise Http404
        if not may_write(user, row):
            raise PermissionDenied("This comes with the product.")
    for row in ours:
        if why := refusal(row):
            messages.error(request, why)
            return redirect("wagtailsnippets_content_h5pactivity:edit", row.pk)
    if request.method != "POST":
        return None
    for row in ours:
        retire(row, by=user, at=timezone.now())
    named = f"“{ours[0]}” was deleted." if len(ours) == 1 else f"{len(ours)} activities were deleted."
    messages.success(request, named)
    return redirect("wagtailsnippets_content_h5pactivity:list")
