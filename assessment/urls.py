"""Addresses of assessment: the learner's pages that show decisions, and the staff's."""

from assessment.urls_dual import urlpatterns as dual
from assessment.urls_figures import urlpatterns as figures
from assessment.urls_learner import urlpatterns as learner
from assessment.urls_staff import urlpatterns as staff

app_name = "assessment"
urlpatterns = [*dual, *figures, *learner, *staff]
