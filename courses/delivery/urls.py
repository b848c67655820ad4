"""Addresses of cohorts."""

from django.urls import path

from . import views

app_name = "delivery"
urlpatterns = [
    path("", views.cohorts, name="cohorts"),
    path("numbers/", views.number_matches, name="number_matches"),
    path("numbers/<int:pk>/", views.settle_match, name="settle_match"),
    path("<uuid:ref>/", views.cohort, name="cohort"),
]
