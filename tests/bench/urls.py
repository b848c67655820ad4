"""The product's addresses, and the plain page through Wagtail's own routing."""

from django.urls import re_path
from wagtail.views import serve

from lms.urls import handler403, handler404, handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [re_path(r"^plain/((?:[\w\-]+/)*)$", serve, name="plain"), *urlpatterns]
