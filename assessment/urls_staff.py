"""Addresses of the people who assess (queue, workspace), assure inside the centre (quality) and review it."""

from django.urls import path

from assessment.views import deciding, learners, opening, quality, queue, record, workspace

_at = "assess/submissions/<uuid:ref>/"
_record = "assess/records/<uuid:ref>/"
urlpatterns = [
    path("assess/", queue.queue, name="queue"),
    path(_at, workspace.workspace, name="workspace"),
    path(f"{_at}open/", opening.open_it, name="open"),
    path(f"{_at}take/", opening.take, name="take"),
    path(f"{_at}judge/", deciding.judge, name="judge"),
    path(f"{_at}decide/", deciding.decide, name="decide"),
    path(f"{_at}decide/autosave/", deciding.decide_autosave, name="decide_autosave"),
    path(f"{_at}take-over/", workspace.take_over, name="take_over"),
    path(f"{_at}release/", workspace.release, name="release"),
    path(f"{_at}interest/", workspace.declare_interest, name="declare_interest"),
    path("assess/learners/", learners.learners, name="learners"),
    path("assess/learners/<uuid:ref>/record/", record.start, name="record_start"),
    path("assess/learners/<uuid:ref>/witnesses/new/", record.witness, name="witness_new"),
    path("assess/documents/<uuid:ref>/<int:number>/", learners.attest, name="attest"),
    path(_record, record.edit, name="record"),
    path(f"{_record}autosave/", record.autosave, name="record_autosave"),
    path(f"{_record}criteria/", record.criteria, name="record_criteria"),
    path(f"{_record}sign/", record.sign, name="record_sign"),
    path(f"{_record}take-back/", record.take_back, name="record_take_back"),
    path(f"{_record}delete/", record.delete, name="record_delete"),
    path("quality/", quality.home, name="quality"),
    path("quality/interests/<int:pk>/", quality.resolve_interest, name="resolve_interest"),
    path("quality/attempts/<uuid:ref>/<str:code>/", quality.grant_attempt, name="grant_attempt"),
    path("reviews/", quality.reviews, name="reviews"),
]
