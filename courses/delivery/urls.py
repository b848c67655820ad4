"""Addresses of cohorts."""

from django.urls import path

from .views import centre, cohorts, support

app_name = "delivery"
urlpatterns = [
    path("", cohorts.cohorts, name="cohorts"),
    path("centre/", centre.centre, name="centre"),
    path("numbers/", cohorts.number_matches, name="number_matches"),
    path("numbers/<int:pk>/", cohorts.settle_match, name="settle_match"),
    path("support/", support.support, name="support"),
    path("support/title/", support.title, name="support_title"),
    path("support/<int:pk>/end/", support.end, name="support_end"),
    path("<uuid:ref>/", cohorts.cohort, name="cohort"),
]
