"""Settings of the test suite: everything real except slow password hashing and the message broker."""

import os
import tempfile
from pathlib import Path

# Each test process has a folder of its own. The base is remembered apart from SENCO_VAR, because a pytest worker
# inherits the environment of the process that started it.
_base = os.environ.get("SENCO_VAR") or str(Path(tempfile.gettempdir()) / f"senco-tests-{os.getuid()}")
_base = os.environ.setdefault("SENCO_TEST_BASE", _base)
_engine = os.environ.get("DATABASE_URL", "sqlite").partition(":")[0]
os.environ["SENCO_VAR"] = str(Path(_base) / _engine / os.environ.get("PYTEST_XDIST_WORKER", "main"))

from .base import *  # noqa: E402, F403
from .base import STORAGES, VAR_DIR, database  # noqa: E402

DEMO = False
SECRET_KEY = "tests-only-tests-only-tests-only-tests-only-tests-only-tests"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DEMO_PASSWORD = "nursery-garden-2026"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "lms.notices.mailbox.FileMailbox"
EMAIL_FILE_PATH = VAR_DIR / "mailbox"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict = {}

DATABASES = {"default": database(os.environ.get("DATABASE_URL", f"sqlite:///{VAR_DIR / 'unused.sqlite3'}"))}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: threads and the live server must see one another's writes.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
ACCOUNT_RATE_LIMITS = False
