"""Addresses of the people who assess (queue, workspace), assure inside the centre (quality) and review it."""

from django.urls import path

from assessment.views import deciding, quality, queue, workspace

_at = "assess/submissions/<uuid:ref>/"
urlpatterns = [
    path("assess/", queue.queue, name="queue"),
    path(_at, workspace.workspace, name="workspace"),
    path(f"{_at}judge/", deciding.judge, name="judge"),
    path(f"{_at}decide/", deciding.decide, name="decide"),
    path(f"{_at}decide/autosave/", deciding.decide_autosave, name="decide_autosave"),
    path(f"{_at}take-over/", workspace.take_over, name="take_over"),
    path(f"{_at}release/", workspace.release, name="release"),
    path(f"{_at}interest/", workspace.declare_interest, name="declare_interest"),
    path("quality/", quality.home, name="quality"),
    path("quality/interests/<int:pk>/", quality.resolve_interest, name="resolve_interest"),
    path("quality/attempts/<uuid:ref>/<str:code>/", quality.grant_attempt, name="grant_attempt"),
    path("reviews/", quality.reviews, name="reviews"),
]
