"""Words and law in the editor: the product's own are shown to all, an organisation's are its authors' to write."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from wagtail.admin import messages
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column, UsageCountColumn
from wagtail.images.models import Image
from wagtail.images.permissions import permission_policy as of_images
from wagtail.models import ReferenceIndex
from wagtail.snippets.views import chooser, snippets

from lms.accounts.api import User

from .forms import OwnedForm, ReferenceForm, TermForm
from .models import GlossaryTerm, LegalReference
from .policies import OwnOrganisation, may_write, writes_for
from .queries import refused_because_used


class Seen:
    """A view of one row: another organisation's is not there (404)."""

    def get_object(self, queryset: models.QuerySet | None = None) -> Any:
        row = super().get_object(queryset) if queryset is not None else super().get_object()  # type: ignore[misc]
        if not type(row).objects.visible_to(self.request.user).filter(pk=row.pk).exists():  # type: ignore[attr-defined]
            raise Http404
        return row


class Own(Seen):
    """A view that changes one row: the product's own can be read, not changed (403)."""

    def get_object(self, queryset: models.QuerySet | None = None) -> Any:
        row = super().get_object(queryset)
        if not may_write(self.request.user, row):  # type: ignore[attr-defined]
            raise PermissionDenied("This comes with the product. Copy it to keep one of your own.")
        return row


class IndexView(snippets.IndexView):
    """The list leads to the form for what one may change, and to all of it for what one may only read."""

    def get_edit_url(self, instance: Any) -> str | None:
        return super().get_edit_url(instance) if may_write(self.request.user, instance) else None

    def get_delete_url(self, instance: Any) -> str | None:
        return super().get_delete_url(instance) if may_write(self.request.user, instance) else None


class CreateView(snippets.CreateView):
    """A new row belongs to its author's organisation; the system administrator's, to the product."""

    def get_initial_form_instance(self) -> Any:
        user = self.request.user
        owner = None if user.is_superuser else min(writes_for(user), default=None)
        if owner is None and not user.is_superuser:
            raise PermissionDenied("Only authors write words and legal references.")
        return self.model(organisation_id=owner)


class CopyView(snippets.CopyView):
    """The form of a new row, filled with another's. It is sent to the address of new rows: here nothing is saved."""

    http_method_names = ["get", "head", "options"]

    def get_object(self, queryset: models.QuerySet | None = None) -> Any:
        return get_object_or_404(self.model.objects.visible_to(self.request.user), pk=self.kwargs["pk"])


class EditView(Own, snippets.EditView):
    """The form of a row of one's own organisation."""


class DeleteView(Own, snippets.DeleteView):
    """Asks before it deletes; the hook below refuses what is used."""


class UsageView(Seen, snippets.UsageView):
    """Where a row is used; what one may not edit is named without its title."""


class HistoryView(Seen, snippets.HistoryView):
    """Who changed a row, and when."""


class InspectView(Seen, snippets.InspectView):
    """A row to read."""


class _Chooses:
    def get_object_list(self) -> models.QuerySet:
        rows: models.QuerySet = self.model_class.objects.visible_to(self.request.user)  # type: ignore[attr-defined]
        return rows


class ChooseView(_Chooses, chooser.ChooseView):
    """What an author chooses from: the product's and their own organisation's."""


class ChooseResultsView(_Chooses, chooser.ChooseResultsView):
    """The same, searched."""


class ChosenView(chooser.SnippetChosenView):
    """One that was chosen."""

    def get_object(self, pk: Any) -> Any:
        return self.model_class.objects.visible_to(self.request.user).get(pk=pk)


class ChosenMultipleView(chooser.SnippetChosenMultipleView):
    """Several that were chosen."""

    def get_objects(self, pks: Any) -> models.QuerySet:
        return self.model_class.objects.visible_to(self.request.user).filter(pk__in=pks)


class ChooserViewSet(chooser.SnippetChooserViewSet):
    """Choosing a row for a lesson."""

    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView


def whose(row: GlossaryTerm | LegalReference) -> str:
    """Whose a row is, as the list says it."""
    return str(row.organisation) if row.organisation_id else "Comes with the product"


class OwnedViewSet(snippets.SnippetViewSet):
    """What both kinds of row have in common in the editor."""

    index_view_class = IndexView
    add_view_class = CreateView
    copy_view_class = CopyView
    edit_view_class = EditView
    delete_view_class = DeleteView
    usage_view_class = UsageView
    history_view_class = HistoryView
    inspect_view_class = InspectView
    inspect_view_enabled = True
    chooser_viewset_class = ChooserViewSet
    chooser_per_page = 25
    list_per_page = 50
    # The list is searched by the database itself: it is short, and one's own only.
    search_backend_name = None
    base_form_class: type[OwnedForm]

    @property
    def permission_policy(self) -> OwnOrganisation:
        return OwnOrganisation(self.model)

    def get_edit_handler(self) -> Any:
        return ObjectList(self.model.panels, base_form_class=self.base_form_class).bind_to_model(self.model)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = self.model.objects.visible_to(request.user).select_related("organisation")
        return rows.annotate(usage_count=ReferenceIndex.usage_count_subquery(self.model))


class GlossaryViewSet(OwnedViewSet):
    """Words explained."""

    model = GlossaryTerm
    base_form_class = TermForm
    icon = "openquote"
    menu_label = "Words explained"
    ordering = ["term", "pk"]
    list_display = ["term", "also", Column("whose", label="Whose", accessor=whose),
                    UsageCountColumn("usage_count", label="Used in", sort_key="usage_count")]  # fmt: skip
    search_fields = ["term", "also", "meaning"]
    inspect_view_fields = ["term", "also", "meaning", "slug"]


class LawViewSet(OwnedViewSet):
    """Law and guidance."""

    model = LegalReference
    base_form_class = ReferenceForm
    icon = "doc-full-inverse"
    menu_label = "Law and guidance"
    ordering = ["title", "paragraph", "pk"]
    list_display = ["title", "paragraph", "status", "checked_on", Column("whose", label="Whose", accessor=whose),
                    UsageCountColumn("usage_count", label="Used in", sort_key="usage_count")]  # fmt: skip
    list_filter = ["status", "kind"]
    search_fields = ["title", "paragraph", "says", "code"]
    inspect_view_fields = ["title", "kind", "edition", "paragraph", "says", "url", "status", "checked_on", "source",
                           "code"]  # fmt: skip


class SourcesGroup(snippets.SnippetViewSetGroup):
    """Both under one entry of the editor's menu."""

    items = (GlossaryViewSet, LawViewSet)
    menu_label = "Words and law"
    menu_icon = "openquote"
    menu_name = "words-and-law"
    menu_order = 250


class OwnImage:
    """A view of one picture, for whoever may choose it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        picture = get_object_or_404(Image, pk=kwargs["image_id"])
        if not of_images.user_has_permission_for_instance(request.user, "choose", picture):
            raise Http404
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


def refuse_what_is_used(request: HttpRequest, rows: list[models.Model]) -> HttpResponse | None:
    """Before words or law are deleted, one or several: each must be one's own and used nowhere. Says where it is."""
    ours = [row for row in rows if isinstance(row, GlossaryTerm | LegalReference)]
    user = cast(User, request.user)
    for row in ours:
        if not type(row).objects.visible_to(user).filter(pk=row.pk).exists():
            raise Http404
        if not may_write(user, row):
            raise PermissionDenied("This comes with the product.")
    for row in ours:
        if why := refused_because_used(row):
            messages.error(request, why)
            return redirect(reverse(type(row).snippet_viewset.get_url_name("usage"), args=[row.pk]))
    return None
