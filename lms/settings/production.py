"""Production, 12-factor. Refuses to start with a demonstration secret, with DEBUG or without a database URL."""

import os

from django.core.exceptions import ImproperlyConfigured

from lms.common.scanner import is_address

from . import demo as _demo
from .base import *  # noqa: F403
from .base import ALLOWED_HOSTS, CELERY_BROKER_URL, EVIDENCE_SCANNER, REDIS_URL, SECRET_KEY, STORAGES

if os.environ.get("DEBUG", "").lower() in {"1", "true", "yes"}:
    raise ImproperlyConfigured("DEBUG is set. Production shows no debug pages: unset DEBUG.")
if not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured("DATABASE_URL is not set. Give the address of the PostgreSQL database.")
if len(SECRET_KEY) < 50 or SECRET_KEY == _demo.SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be a secret of your own, 50 characters or more.")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Give the host names that the site answers to.")
if CELERY_BROKER_URL.startswith("filesystem://") or not REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL and CELERY_BROKER_URL are not set. Production needs a cache and a broker.")
if "EVIDENCE_SCANNER" not in os.environ or not is_address(EVIDENCE_SCANNER):
    raise ImproperlyConfigured(
        'EVIDENCE_SCANNER must be set: "unix:/path/to/clamd.sock" or "tcp:host:port" of a ClamAV daemon, or "none" '
        "if you choose that files are not scanned for viruses."
    )

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

if os.environ.get("EVIDENCE_BUCKET"):
    STORAGES["evidence"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["EVIDENCE_BUCKET"],
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
