"""Addresses of the product (design: addresses)."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from courses.pages.views import serve
from lms.common import health
from lms.dashboards import demo, views

urlpatterns = [
    path("", views.home, name="home"),
    path("learn/", views.learn, name="learn"),
    path("learn/details/", views.details, name="learner_details"),
    path("learn/registration/", views.choose_registration, name="choose_registration"),
    path("authoring/", views.authoring, name="authoring"),
    path("notices/", views.notices, name="notices"),
    path("help/", views.help_page, name="help"),
    path("portfolio/", include("portfolio.urls")),
    path("", include("assessment.urls")),
    path("", include("courses.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    # Wagtail looks this name up before it asks for a sign-in.
    path(
        "account/sign-in/",
        RedirectView.as_view(pattern_name="account_login", query_string=True),
        name="wagtailcore_login",
    ),
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("cms/", include("wagtail.admin.urls")),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    re_path(r"^(courses/(?:[\w\-]+/)*)$", serve, name="wagtail_serve"),
]
if settings.DEMO:
    urlpatterns += [
        path("demo/sign-in/", demo.sign_in, name="demo_sign_in"),
        path("demo/mailbox/", demo.mailbox, name="demo_mailbox"),
    ]

handler403 = "lms.common.pages.forbidden"
handler404 = "lms.common.pages.not_found"
handler500 = "lms.common.pages.server_error"
