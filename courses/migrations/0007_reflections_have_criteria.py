"""A reflection was its text alone; now it has a prompt and criteria. Pages, and revisions to come back to."""

import json

from django.db import migrations


def with_prompts(body):
    """The raw blocks with each reflection as prompt and criteria; None when there is nothing to change."""
    changed = False
    for block in body or []:
        if block.get("type") == "reflection" and isinstance(block.get("value"), str):
            block["value"], changed = {"prompt": block["value"], "criteria": []}, True
    return body if changed else None


def convert(apps, schema_editor):
    Revision = apps.get_model("wagtailcore", "Revision")
    with schema_editor.connection.cursor() as cursor:
        for table in ("courses_lessonpage", "courses_taskpage"):
            cursor.execute(f"SELECT page_ptr_id, body FROM {table}")
            for pk, raw in cursor.fetchall():
                body = with_prompts(json.loads(raw) if isinstance(raw, str) else raw)
                if body is not None:
                    cursor.execute(f"UPDATE {table} SET body = %s WHERE page_ptr_id = %s", [json.dumps(body), pk])
    for revision in Revision.objects.filter(content__has_key="body").iterator():
        body = with_prompts(json.loads(revision.content["body"]))
        if body is not None:
            revision.content["body"] = json.dumps(body)
            revision.save(update_fields=["content"])


class Migration(migrations.Migration):
    dependencies = [("courses", "0006_authoring_and_study"), ("wagtailcore", "0094_alter_page_locale")]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop)]
