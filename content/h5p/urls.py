"""Addresses of the player and of what it fetches. In production an origin of its own may serve them."""

from django.urls import path

from . import player

app_name = "h5p"
urlpatterns = [
    path("play/<str:token>/", player.play, name="play"),
    path("files/<str:token>/<path:path>", player.content_file, name="file"),
    path("libraries/<slug:tree>/<path:path>", player.library_file, name="library"),
    path("core/<path:path>", player.core_file, name="core"),
    path("bundles/<slug:content_hash>.<str:kind>", player.bundle, name="bundle"),
]
