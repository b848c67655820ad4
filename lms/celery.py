"""The Celery application: carries job numbers to the worker. What must be done stands in the Job table."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.demo")
app = Celery("senco_pathway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["lms.common"], related_name="tasks")
