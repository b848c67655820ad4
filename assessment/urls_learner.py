"""Addresses of a learner's pages that show decisions."""

from django.urls import path

from assessment.views import learner

urlpatterns = [
    path("portfolio/criteria/<str:code>/", learner.criterion, name="criterion"),
    path("portfolio/submissions/", learner.submissions, name="submissions"),
    path("portfolio/submissions/<uuid:ref>/", learner.submission, name="submission"),
    path("pathway/", learner.pathway, name="pathway"),
]
