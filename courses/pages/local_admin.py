"""Local information in Wagtail's editor: an authority's staff see and edit their own authority's only.

By construction: every view with a key finds its row through `visible_to` first, so that another authority's is 404 in
whichever of them; the list is narrowed the same way; there is no chooser, whose list would know no owner.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail.permission_policies.base import BasePermissionPolicy

from content import overlay
from content.models import LocalInformation
from content.models.local import LOCAL_STAFF, authorities_of
from lms.accounts.api import Membership, Organisation, User

from .local import keep_local, remove_local
from .models import AuthorityPage, LocalLessonPage


class OwnAuthority(BasePermissionPolicy):
    """An authority's staff may do everything with its own local information, and nobody anything with another's."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return bool(authorities_of(user))

    def user_has_permission_for_instance(self, user: User, action: str, instance: LocalInformation) -> bool:
        return instance.authority_id in {one.pk for one in authorities_of(user)}

    def instances_user_has_any_permission_for(self, user: User, actions: Any) -> QuerySet[LocalInformation]:
        return LocalInformation.objects.visible_to(user)

    def users_with_any_permission(self, actions: Any) -> QuerySet[User]:
        staff = Membership.objects.current().filter(role__in=LOCAL_STAFF)
        kind = Organisation.Kind.LOCAL_AUTHORITY
        return User.objects.filter(pk__in=staff.filter(organisation__kind=kind).values("user"), is_active=True)


class LocalInformationForm(WagtailAdminModelForm):
    """One heading of one authority: only headings that it has not written yet are offered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        held = LocalInformation.objects.filter(authority=row.authority_id).exclude(pk=row.pk)
        taken = set(held.values_list("slot", flat=True))
        field = cast(forms.ChoiceField, self.fields["slot"])
        field.choices = [pair for pair in LocalInformation.Slot.choices if pair[0] not in taken]
        if row.pk:
            field.disabled = True
            field.help_text = "It stays under this heading."
        self.fields["text"].help_text = "Shown to your own trainees only. Name posts and offices rather than people."
        self.fields["checked_on"].help_text = "The day on which somebody made sure that all of it is still right."

    def clean_checked_on(self) -> date | None:
        day: date | None = self.cleaned_data["checked_on"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError("This day has not come yet.")
        return day


class IndexView(generic.IndexView):
    """An authority's own headings; nobody else's."""

    def get_base_queryset(self) -> QuerySet[LocalInformation]:
        return LocalInformation.objects.visible_to(cast(User, self.request.user))


class CreateView(generic.CreateView):
    """A new heading, of the authority that `?authority=` names or of the person's own; `?slot=` chooses it."""

    def get_initial_form_instance(self) -> LocalInformation:
        mine = authorities_of(cast(User, self.request.user))
        asked = self.request.GET.get("authority", "")
        authority = next((one for one in mine if str(one.pk) == asked), None) if asked else next(iter(mine), None)
        if authority is None:
            raise Http404
        return LocalInformation(authority=authority, slot=self.request.GET.get("slot", ""))

    def get_add_url(self) -> str:
        return self.request.get_full_path()

    def save_instance(self) -> LocalInformation:
        row, by = self.form.instance, cast(User, self.request.user)
        return keep_local(row, super().save_instance, by=by, at=timezone.now())

    def get_success_url(self) -> str:
        return reverse("local:information")


class EditView(generic.EditView):
    """Changes what stands under a heading."""

    def save_instance(self) -> LocalInformation:
        return keep_local(self.object, super().save_instance, by=cast(User, self.request.user), at=timezone.now())

    def get_success_url(self) -> str:
        return reverse("local:information")


class DeleteView(generic.DeleteView):
    """Takes a heading away; it is asked for first."""

    def delete_action(self) -> None:
        with transaction.atomic():
            log(instance=self.object, action="wagtail.delete")
            remove_local(self.object, by=cast(User, self.request.user), at=timezone.now())

    def get_success_url(self) -> str:
        return reverse("local:information")


def _checked(row: LocalInformation) -> str:
    day = f"{row.checked_on:%-d %B %Y}" if row.checked_on else "Not said"
    return f"{day} · due for review" if overlay.is_due(row.checked_on) else day


def own_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of one row, for the staff of its authority; 404 for everybody else."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        get_object_or_404(LocalInformation.objects.visible_to(cast(User, request.user)), pk=kwargs["pk"])
        return view(request, *args, **kwargs)

    return guarded


class LocalInformationViewSet(ModelViewSet):
    """What an authority says to its own trainees inside national lessons."""

    model = LocalInformation
    icon = "site"
    menu_label = "Local information"
    menu_order = 150
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = False
    url_prefix = "local-information"
    url_namespace = "local_information"
    permission_policy = OwnAuthority(LocalInformation)
    index_view_class = IndexView
    add_view_class, edit_view_class, delete_view_class = CreateView, EditView, DeleteView
    list_display: ClassVar = [
        "__str__", "authority", Column("checked", label="Last checked", accessor=_checked),
    ]  # fmt: skip
    ordering: ClassVar = ["authority", "slot"]
    search_fields: ClassVar = ["text"]
    edit_handler = ObjectList(LocalInformation.panels, base_form_class=LocalInformationForm)

    def get_urlpatterns(self) -> list[URLPattern]:
        patterns: list[URLPattern] = super().get_urlpatterns()
        for pattern in patterns:
            if "pk" in pattern.pattern.converters:
                pattern.callback = own_only(pattern.callback)
        return patterns


@hooks.register("register_admin_viewset")
def local_information() -> LocalInformationViewSet:
    """Local information in the editor's menu, for authorities' staff."""
    return LocalInformationViewSet()


@hooks.register("construct_page_chooser_queryset")
def own_lessons_only(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """Whoever links to a page is offered no lesson of an authority that is not theirs."""
    mine = [one.pk for one in authorities_of(cast(User, request.user))]
    homes = AuthorityPage.objects.exclude(authority__in=mine).values("pk")
    foreign = Q(pk__in=homes)
    for path in AuthorityPage.objects.exclude(authority__in=mine).values_list("path", flat=True):
        foreign |= Q(path__startswith=path)
    return pages.exclude(foreign)


@hooks.register("before_edit_page")
@hooks.register("before_delete_page")
@hooks.register("before_unpublish_page")
def own_authority_only(request: HttpRequest, page: Page) -> None:
    """An authority's lessons are its own authors' to change, whatever rights somebody has above them in the tree."""
    if not isinstance(page, AuthorityPage | LocalLessonPage) or request.user.is_superuser:
        return
    if page.authority_id not in {one.pk for one in authorities_of(cast(User, request.user))}:
        raise PermissionDenied
