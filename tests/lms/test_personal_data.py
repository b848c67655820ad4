"""Each field of each table of ours says whether it holds data about a person, and what."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.checks import registry
from django.db import models
from django.test.utils import isolate_apps

from lms.common.checks import OUR_APPS, every_field_has_a_personal_data_note
from lms.common.models import NO_PERSON, notes

pytestmark = pytest.mark.alike


def test_the_product_has_a_note_on_every_field():
    assert every_field_has_a_personal_data_note() == []


def test_the_check_runs_with_manage_py_check_and_looks_at_every_app_of_ours():
    assert every_field_has_a_personal_data_note in registry.registry.get_checks()
    here = Path(django_settings.BASE_DIR)
    assert {config.label for config in apps.get_app_configs() if Path(config.path).parent == here} == set(OUR_APPS)


def planted(**attributes: Any) -> type[models.Model]:
    """A table of three fields."""
    fields = {"name": models.CharField(max_length=10), "people": models.ManyToManyField("self")}
    meta = type("Meta", (), {"app_label": "lms"})
    return type("Planted", (models.Model,), {"__module__": __name__, "Meta": meta, **fields, **attributes})


GOOD = notes("id", "people", name="what they are called")
CASES = {
    "all there": ({"personal_data": GOOD}, []),
    "no notes at all": ({}, ["id", "name", "people"]),
    "a field without": ({"personal_data": notes("id", "people")}, ["name"]),
    "a relation without": ({"personal_data": notes("id", "name")}, ["people"]),
    "a note on no field": ({"personal_data": {**GOOD, "nickname": "gone"}}, ["nickname"]),
    "a field added": ({"personal_data": GOOD, "born": models.DateField()}, ["born"]),
}  # fmt: skip


@isolate_apps("lms")
@pytest.mark.parametrize("case", CASES)
def test_a_planted_field_without_a_note_is_reported(case: str, monkeypatch: pytest.MonkeyPatch):
    attributes, missing = CASES[case]
    model = planted(**attributes)
    monkeypatch.setattr(apps.get_app_config("lms"), "get_models", lambda: [model])
    errors = every_field_has_a_personal_data_note()
    assert [(error.id, error.msg.split(":")[0]) for error in errors] == [
        ("lms.E002", f"lms.Planted.{name}") for name in missing
    ]


@isolate_apps("lms")
def test_notes_are_not_inherited_from_a_table_above(monkeypatch: pytest.MonkeyPatch):
    parent = planted(personal_data=GOOD)
    meta = type("Meta", (), {"app_label": "lms"})
    child = type("Child", (parent,), {"__module__": __name__, "Meta": meta, "born": models.DateField()})
    monkeypatch.setattr(apps.get_app_config("lms"), "get_models", lambda: [child])
    assert [error.msg.split(":")[0] for error in every_field_has_a_personal_data_note()] == ["lms.Child.born"]


def test_a_note_that_says_a_field_holds_something_says_what():
    told = {
        f"{model._meta.label}.{name}": note
        for label in OUR_APPS
        for model in apps.get_app_config(label).get_models()
        for name, note in model.__dict__["personal_data"].items()
        if note != NO_PERSON
    }
    assert len(told) > 60
    assert {name: note for name, note in told.items() if len(note.split()) < 2} == {}


@pytest.mark.parametrize("field", [models.EmailField, models.ForeignKey])
def test_no_address_and_no_person_passes_for_nothing(field: type[models.Field]):
    """Whatever points at a person or is an email address has a note that says so."""
    person = apps.get_model("lms.User")
    silent = []
    for label in OUR_APPS:
        for model in apps.get_app_config(label).get_models():
            for found in model._meta.local_fields:
                holds = isinstance(found, models.EmailField) or found.related_model is person
                if isinstance(found, field) and holds and model.__dict__["personal_data"][found.name] == NO_PERSON:
                    silent.append(f"{model._meta.label}.{found.name}")
    assert silent == []
