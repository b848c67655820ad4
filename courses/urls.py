"""Addresses of the course's study actions, of delivery and of safeguarding concerns."""

from django.urls import include, path

from courses.delivery.views import safeguarding
from courses.pages import views as pages

study = (
    [
        path("<int:page_id>/place/", pages.remember, name="remember"),
        path("<int:page_id>/finish/", pages.finish, name="finish"),
    ],
    "study",
)
concerns = (
    [
        path("", safeguarding.concerns, name="concerns"),
        path("new/", safeguarding.new, name="new"),
        path("raised/", safeguarding.raised, name="raised"),
        path("<uuid:ref>/", safeguarding.concern, name="concern"),
        path("<uuid:ref>/read/", safeguarding.read, name="read"),
        path("<uuid:ref>/note/", safeguarding.note, name="note"),
        path("<uuid:ref>/close/", safeguarding.close, name="close"),
    ],
    "safeguarding",
)
urlpatterns = [
    path("safeguarding/", include(concerns)),
    path("learn/study/", include(study)),
    path("cohorts/", include("courses.delivery.urls")),
]
