"""Who may enter the content editor."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from .policies import may_enter_editor


class CmsGate:
    """`/cms/` opens only for people who hold an authoring role today, or work for a local authority; Wagtail's groups
    then say where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/cms/"):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not may_enter_editor(request.user):
                raise PermissionDenied
        return self.get_response(request)
