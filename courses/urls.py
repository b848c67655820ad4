"""Addresses of the course's study actions and of delivery."""

from django.urls import include, path

from courses.pages import views as pages

study = (
    [
        path("<int:page_id>/place/", pages.remember, name="remember"),
        path("<int:page_id>/finish/", pages.finish, name="finish"),
    ],
    "study",
)
urlpatterns = [
    path("learn/study/", include(study)),
    path("cohorts/", include("courses.delivery.urls")),
]
