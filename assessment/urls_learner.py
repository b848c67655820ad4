"""Addresses of a learner's pages that show decisions."""

from django.urls import path

from assessment.views import learner, location_sheet, timeline

urlpatterns = [
    path("portfolio/criteria/<str:code>/", learner.criterion, name="criterion"),
    path("portfolio/submissions/", learner.submissions, name="submissions"),
    path("portfolio/submissions/<uuid:ref>/", learner.submission, name="submission"),
    path("portfolio/timeline/", timeline.timeline, name="timeline"),
    path("portfolio/location-sheet/", location_sheet.location_sheet, name="location_sheet"),
    path("portfolio/location-sheet/<uuid:ref>/", location_sheet.download, name="location_sheet_file"),
    path("pathway/", learner.pathway, name="pathway"),
]
