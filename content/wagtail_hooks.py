"""What the room adds to Wagtail's editor."""

from typing import Any

from django.templatetags.static import static
from django.urls import include, path
from django.utils.html import format_html
from wagtail import hooks
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.documents.permissions import permission_policy as of_documents
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.permissions import permission_policy as of_images
from wagtail.images.views.chooser import ImageSelectFormatView
from wagtail.images.views.chooser import viewset as image_chooser
from wagtail.snippets.models import register_snippet

from .h5p.admin import ActivitiesGroup, delete_activities
from .h5p.urls_admin import urlpatterns as of_activities
from .snippets import OwnImage, SourcesGroup, refuse_what_is_used

register_snippet(SourcesGroup)
register_snippet(ActivitiesGroup)
hooks.register("before_delete_snippet", delete_activities)
hooks.register("before_delete_snippet", refuse_what_is_used)


class SelectFormatView(OwnImage, ImageSelectFormatView):
    """Wagtail's own asks for no right."""


image_chooser.select_format_view_class = SelectFormatView


class OwnImages(ImagesAdminAPIViewSet):
    """Pictures for the editor's scripts: Wagtail's own list knows no organisations."""

    def get_queryset(self) -> Any:
        own = of_images.instances_user_has_permission_for(self.request.user, "choose")
        return super().get_queryset().filter(pk__in=own.values("pk"))


class OwnDocuments(DocumentsAdminAPIViewSet):
    """Files for the editor's scripts."""

    def get_queryset(self) -> Any:
        own = of_documents.instances_user_has_permission_for(self.request.user, "choose")
        return super().get_queryset().filter(pk__in=own.values("pk"))


@hooks.register("construct_admin_api", order=1000)
def lists_of_ones_own_files(router: Any) -> None:
    """In place of Wagtail's lists of everybody's."""
    router.register_endpoint("images", OwnImages)
    router.register_endpoint("documents", OwnDocuments)


@hooks.register("register_admin_urls")
def activities() -> list[Any]:
    """Uploading activities, and deciding on the libraries that they run."""
    return [path("h5p/", include((of_activities, "h5p_admin")))]


@hooks.register("insert_editor_js")
def wait_for_autosave() -> str:
    """What an author sends while the editor saves by itself waits for that."""
    return format_html('<script type="module" src="{}"></script>', static("wait-for-autosave.js"))
