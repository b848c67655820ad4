"""System checks: conventions that the product holds itself to."""

from typing import Any

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.db import connections

from . import triggers

OUR_APPS = ("lms", "content", "courses", "portfolio", "assessment")


@register(Tags.database)
def triggers_are_in_place(app_configs: Any = None, databases: Any = None, **kwargs: Any) -> list[Error]:
    """`manage.py check --database default` fails when the database lacks a trigger that defends a rule."""
    errors = []
    for alias in databases or []:
        if "lms_auditevent" not in connections[alias].introspection.table_names():
            continue  # not migrated yet
        errors += [
            Error(f"Trigger {name} is missing.", hint="Run manage.py migrate.", id="lms.E001")
            for name in triggers.missing(alias)
        ]
    return errors


@register()
def every_field_has_a_personal_data_note(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """Each field of each model of ours says whether it holds data about a person, and what."""
    errors = []
    for label in OUR_APPS:
        for model in apps.get_app_config(label).get_models():
            notes = model.__dict__.get("personal_data", {})
            fields = {field.name for field in model._meta.local_fields if not field.name.endswith("_ptr")}
            fields |= {field.name for field in model._meta.local_many_to_many if field.name != "tags"}
            for name in sorted(fields ^ set(notes)):
                errors.append(Error(f"{model._meta.label}.{name}: no personal-data note, or a note on no field.",
                                    id="lms.E002"))  # fmt: skip
    return errors
