"""`manage.py migrate` brings a database up to date that lacks triggers: nothing else could."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from lms.common import triggers

NAME, TABLE = "senco_rule_39_log_is_append_only_update", "lms_auditevent"


@pytest.mark.django_db(transaction=True)
def test_migrate_puts_a_missing_trigger_in_place():
    on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {NAME}{on}")
    assert triggers.missing() == [NAME]
    with pytest.raises(SystemCheckError, match="lms.E001"):
        call_command("check", databases=["default"])
    call_command("migrate", skip_checks=False, stdout=StringIO())
    assert triggers.missing() == []
