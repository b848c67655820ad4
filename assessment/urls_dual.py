"""Addresses of the Area SENCO's two hats: settings and declarations, policies, objections, the report."""

from django.urls import path

from assessment.views import dual_role, my_settings, objections, policy

urlpatterns = [
    path("assess/settings/", my_settings.my_settings, name="my_settings"),
    path("assess/learners/<uuid:ref>/declare/", dual_role.declare, name="declare_dual_role"),
    path("portfolio/people/", objections.people, name="people"),
    path("portfolio/people/<int:pk>/object/", objections.object_, name="object"),
    path("quality/objections/", objections.objections, name="objections"),
    path("quality/objections/<int:pk>/", objections.objection, name="objection"),
    path("quality/dual-role/", dual_role.policies, name="dual_role_policies"),
    path("quality/dual-role/<int:pk>/<str:tier>/", dual_role.set_policy, name="dual_role_policy"),
    path("quality/dual-role/report/", dual_role.report, name="dual_role_report"),
    path("quality/dual-role/report/export/", dual_role.export, name="dual_role_export"),
    path("quality/policy/", policy.qualifications, name="policies"),
    path("quality/policy/<int:pk>/", policy.policy, name="policy"),
]
