"""Addresses of the dashboards of assessment."""

from django.urls import path

from assessment.views import figures

urlpatterns = [
    path("quality/figures/", figures.centre, name="figures"),
    path("quality/figures/export/", figures.centre_export, name="figures_export"),
    path("cohorts/<uuid:ref>/figures/", figures.cohort, name="cohort_figures"),
    path("cohorts/<uuid:ref>/figures/export/", figures.cohort_export, name="cohort_figures_export"),
    path("assess/figures/", figures.own, name="own_figures"),
    path("assess/figures/export/", figures.own_export, name="own_figures_export"),
]
