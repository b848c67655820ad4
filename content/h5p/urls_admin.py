"""Addresses in the editor (below /cms/h5p/)."""

from django.urls import path

from . import views

urlpatterns = [
    path("upload/", views.new, name="new"),
    path("activities/<int:pk>/replace/", views.replace, name="replace"),
    path("uploads/<uuid:ref>/", views.upload, name="upload"),
    path("libraries/", views.waiting, name="waiting"),
    path("libraries/decide/", views.decide, name="decide"),
    path("libraries/<int:pk>/", views.library, name="library"),
]
