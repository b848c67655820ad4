"""Addresses of a learner's pages that show decisions."""

from django.urls import path

from assessment.views import learner, location_sheet, next_steps, plan_own, timeline

urlpatterns = [
    path("portfolio/criteria/<str:code>/", learner.criterion, name="criterion"),
    path("portfolio/submissions/", learner.submissions, name="submissions"),
    path("portfolio/submissions/<uuid:ref>/", learner.submission, name="submission"),
    path("portfolio/next-steps/", next_steps.own, name="next_steps"),
    path("portfolio/next-steps/<uuid:ref>/agree/", next_steps.accept, name="next_step_agree"),
    path("portfolio/next-steps/<uuid:ref>/ask/", next_steps.ask, name="next_step_ask"),
    path("portfolio/next-steps/<uuid:ref>/done/", next_steps.done, name="next_step_done"),
    path("portfolio/timeline/", timeline.timeline, name="timeline"),
    path("portfolio/location-sheet/", location_sheet.location_sheet, name="location_sheet"),
    path("portfolio/location-sheet/<uuid:ref>/", location_sheet.download, name="location_sheet_file"),
    path("portfolio/assessment-plan/", plan_own.my_plan, name="my_plan"),
    path("portfolio/assessment-plan/answer/", plan_own.answer, name="my_plan_answer"),
    path("portfolio/assessment-plan/<int:number>/", plan_own.my_plan_revision, name="my_plan_revision"),
    path("portfolio/assessment-plan/calendar.ics", plan_own.my_plan_calendar, name="my_plan_calendar"),
    path("account/calendar/", plan_own.calendar, name="calendar"),
    path("account/calendar/make/", plan_own.calendar_make, name="calendar_make"),
    path("account/calendar/end/", plan_own.calendar_end, name="calendar_end"),
    path("calendar/<uuid:key>.ics", plan_own.calendar_feed, name="calendar_feed"),
    path("pathway/", learner.pathway, name="pathway"),
]
