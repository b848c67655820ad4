"""Settings of the benchmark: production's in all that costs time on a page, without a broker, a mail server or TLS."""

from lms.settings.base import *  # noqa: F403
from lms.settings.base import DATABASES, INSTALLED_APPS, STORAGES

SECRET_KEY = "benchmark-only-benchmark-only-benchmark-only-benchmark-only"
ALLOWED_HOSTS = ["bench.example"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench.plain"]
ROOT_URLCONF = "tests.bench.urls"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict = {}
# One process serves each request in the database, so that its processor time is all there is to count.
DATABASES["default"]["OPTIONS"] = {"options": "-c jit=off -c max_parallel_workers_per_gather=0"}
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
