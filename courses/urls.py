"""Addresses of the course's study actions, tutors, local information, delivery and safeguarding concerns."""

from django.urls import include, path

from courses.delivery.views import safeguarding
from courses.pages import views as pages
from courses.pages import views_activities as doing
from courses.pages import views_answers as answers
from courses.pages import views_changes as changes
from courses.pages import views_drafts as drafts
from courses.pages import views_files, views_glossary, views_law, views_report
from courses.pages import views_local as local_pages
from courses.pages import views_own as own
from courses.pages import views_print as paper
from courses.pages import views_search as finding

study = (
    [
        path("<int:page_id>/place/", pages.remember, name="remember"),
        path("<int:page_id>/answers/<uuid:block_id>/", answers.answer, name="answer"),
        path("<int:page_id>/sheets/<uuid:block_id>/", answers.sheet, name="sheet"),
        path("<int:page_id>/seen/", changes.seen, name="seen"),
        path("<int:page_id>/bookmark/", own.bookmark, name="bookmark"),
        path("<int:page_id>/bookmark/remove/", own.bookmark_remove, name="bookmark_remove"),
        path("<int:page_id>/at/", own.place, name="at"),
        path("<int:page_id>/note/", own.note, name="note"),
        path("<int:page_id>/note/autosave/", own.note_autosave, name="note_autosave"),
        path("<int:page_id>/drafts/<uuid:block_id>/send/", drafts.send, name="draft_send"),
        path("<int:page_id>/drafts/<uuid:block_id>/take-back/", drafts.back, name="draft_back"),
        path("<int:page_id>/finish/", answers.finish, name="finish"),
    ],
    "study",
)
activities = (
    [
        path("<int:page_id>/<uuid:block_id>/start/", doing.start, name="start"),
        path("attempts/<uuid:ref>/statements/", doing.statements, name="statements"),
        path("attempts/<uuid:ref>/state/", doing.state, name="state"),
        path("statements.json", doing.mine, name="mine"),
    ],
    "activities",
)
tutor = (
    [
        path("drafts/", drafts.drafts, name="drafts"),
        path("drafts/<uuid:ref>/", drafts.draft, name="draft"),
        path("drafts/<uuid:ref>/comments/", drafts.comments, name="comments"),
    ],
    "tutor",
)
local = (
    [
        path("", local_pages.information, name="information"),
        path("lessons/begin/", local_pages.begin, name="begin"),
    ],
    "local",
)
concerns = (
    [
        path("", safeguarding.concerns, name="concerns"),
        path("new/", safeguarding.new, name="new"),
        path("raised/", safeguarding.raised, name="raised"),
        path("<uuid:ref>/", safeguarding.concern, name="concern"),
        path("<uuid:ref>/read/", safeguarding.read, name="read"),
        path("<uuid:ref>/note/", safeguarding.note, name="note"),
        path("<uuid:ref>/close/", safeguarding.close, name="close"),
    ],
    "safeguarding",
)
urlpatterns = [
    path("safeguarding/", include(concerns)),
    path("learn/study/", include(study)),
    path("learn/activities/", include(activities)),
    path("courses/glossary/", views_glossary.glossary, name="glossary"),
    path("authoring/activities/<uuid:ref>/", views_report.report, name="activity_report"),
    path("authoring/activities/<uuid:ref>/questions.csv", views_report.table, name="activity_table"),
    path("authoring/activities/<uuid:ref>/preview/", views_report.preview, name="activity_preview"),
    path("authoring/law/", views_law.law, name="law"),
    path("authoring/law/table/", views_law.law_table, name="law_table"),
    path("authoring/law/<int:pk>/checked/", views_law.law_checked, name="law_checked"),
    # Wagtail looks the first name up for the address of a file; the second is where MEDIA_URL leads.
    path("files/<int:document_id>/<str:document_filename>", views_files.document, name="wagtaildocs_serve"),
    path("media/<path:name>", views_files.picture, name="picture"),
    path("learn/bookmarks/", own.bookmarks, name="bookmarks"),
    path("learn/notes/", own.notes, name="notes"),
    path("learn/answers/", own.answers, name="answers"),
    path("courses/search/", finding.search, name="search"),
    path("courses/reading/", own.comfort, name="comfort"),
    path("courses/<slug:course>/<slug:unit>/print/", paper.print_unit, name="print_unit"),
    path("tutor/", include(tutor)),
    path("cohorts/local/", include(local)),
    path("cohorts/", include("courses.delivery.urls")),
]
