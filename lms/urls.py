"""Addresses of the product (design: addresses)."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from courses.pages.views import serve
from lms.common import device, health
from lms.dashboards import demo, views, views_authoring, views_coverage

urlpatterns = [
    path("", views.home, name="home"),
    path("learn/", views.learn, name="learn"),
    path("learn/details/", views.details, name="learner_details"),
    path("learn/registration/", views.choose_registration, name="choose_registration"),
    path("authoring/", views_authoring.authoring, name="authoring"),
    path("authoring/courses/<int:pk>/copy/", views_authoring.copy, name="course_copy"),
    path("authoring/courses/<int:pk>/coverage/", views_coverage.coverage, name="coverage"),
    path("authoring/courses/<int:pk>/coverage/export.csv", views_coverage.export, name="coverage_export"),
    path("notices/", views.notices, name="notices"),
    path("help/", views.help_page, name="help"),
    path("device/hello/", device.hello, name="hello"),
    path("offline/", device.offline, name="offline"),
    path("sw.js", device.worker, {"script": "sw.js", "without": "assessment:offline"}, name="worker_on_site"),
    path("study-sw.js", device.worker, {"script": "study-sw.js", "without": "offline"}, name="worker_study"),
    path("manifest.webmanifest", device.manifest, name="manifest"),
    path("h5p/", include("content.h5p.urls")),
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
