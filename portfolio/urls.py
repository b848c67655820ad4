"""Addresses of the trainee's portfolio."""

from django.urls import path

from .views import attach, evidence, files, grid, linking, submit, wizard

app_name = "portfolio"
urlpatterns = [
    path("", grid.grid, name="grid"),
    path("evidence/", evidence.evidence_list, name="evidence_list"),
    path("evidence/new/", wizard.start, name="evidence_new"),
    path("evidence/<uuid:ref>/", evidence.show, name="evidence"),
    path("evidence/<uuid:ref>/write/", wizard.write, name="evidence_write"),
    path("evidence/<uuid:ref>/files/", attach.add_files, name="evidence_files"),
    path("evidence/<uuid:ref>/criteria/", linking.criteria, name="evidence_criteria"),
    path("evidence/<uuid:ref>/declare/", wizard.declarations, name="evidence_declare"),
    path("evidence/<uuid:ref>/autosave/", wizard.autosave, name="evidence_autosave"),
    path("evidence/<uuid:ref>/versions/<int:number>/", evidence.show_version, name="evidence_version"),
    path("evidence/<uuid:ref>/new-version/", evidence.start_version, name="new_version"),
    path("evidence/<uuid:ref>/delete/", evidence.discard, name="discard"),
    path("evidence/<uuid:ref>/share/", evidence.share, name="share"),
    path("evidence/<uuid:ref>/stop-sharing/", evidence.unshare, name="unshare"),
    path("files/<uuid:ref>/", files.download, name="file"),
    path("files/<uuid:ref>/remove/", files.remove, name="file_remove"),
    path("submit/", submit.choose, name="submit"),
    path("submit/check/", submit.check, name="submit_check"),
]
