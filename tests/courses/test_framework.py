"""The specification: loaded whole, once, never changed; shown with its stems; its policies keep their history."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from courses.framework.api import (
    AssessmentPolicy,
    Criterion,
    Framework,
    Outcome,
    PathwayLevel,
    Section,
    load_file,
    policy_of,
    set_policy,
)
from courses.framework.models import Pathway
from lms.common.errors import Refused
from tests import ground
from tests.factories import criterion, make_person, make_qualification
from tests.helpers import actions_since, last_event, nothing_changes, refused

pytestmark = pytest.mark.django_db
CODE = "early-years-senco-level-3-2022"


def source() -> dict:
    return json.loads(ground.SPECIFICATION.read_text(encoding="utf-8"))


def say(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_it_holds_4_sections_31_outcomes_and_60_criteria_in_the_files_order():
    data = source()
    assert (Section.objects.count(), Outcome.objects.count(), Criterion.objects.count()) == (4, 31, 60)
    assert list(Section.objects.values_list("code", "title")) == [(s["code"], s["title"]) for s in data["sections"]]
    outcomes = [o for s in data["sections"] for o in s["outcomes"]]
    assert list(Outcome.objects.values_list("code", "text", "kind", "list_force")) == [
        (o["code"], o["text"], o["kind"], o.get("list_force", "")) for o in outcomes
    ]
    assert list(Criterion.objects.values_list("outcome__code", "code", "text")) == [
        (o["code"], c["code"], c["text"]) for o in outcomes for c in o["criteria"]
    ]
    framework = Framework.objects.get()
    assert (framework.licence, framework.attribution) == (data["licence"], data["attribution"])
    assert framework.published_at is not None


def test_loading_twice_changes_nothing():
    with nothing_changes():
        assert "nothing changed" in say("load_framework", str(ground.SPECIFICATION))
        assert "nothing changed" in say("load_framework", str(ground.PATHWAY))


def test_a_file_that_differs_does_not_change_what_is_published(tmp_path):
    data = source()
    data["sections"][0]["outcomes"][0]["criteria"][0]["text"] = "Something else."
    file = tmp_path / f"{CODE}.json"
    file.write_text(json.dumps(data))
    with nothing_changes(), pytest.raises(CommandError, match="A new edition needs a code of its own"):
        call_command("load_framework", str(file))


def test_the_same_content_in_another_layout_is_the_same_file(at):
    with nothing_changes():
        assert "nothing changed" in load_file(CODE, json.dumps(source(), indent=7), at=at)


def test_a_new_edition_is_a_new_framework_beside_the_old(at):
    data = source() | {"edition": "January 2030"}
    event = last_event()
    said = load_file("early-years-senco-level-3-2030", json.dumps(data), at=at)
    assert "4 sections, 31 outcomes, 60 criteria" in said
    assert set(Framework.objects.values_list("code", flat=True)) == {CODE, "early-years-senco-level-3-2030"}
    assert actions_since(event) == ["framework.published"]


def test_a_file_that_does_not_hold_what_it_says_is_refused_whole(at):
    data = source()
    data["sections"][3]["outcomes"].pop()
    with refused("framework-counts"):
        load_file("short", json.dumps(data), at=at)


@pytest.mark.parametrize(("text", "code"), [("{", "not-json"), ("{}", "not-a-framework")])
def test_a_file_that_is_not_understood_is_refused(at, text: str, code: str):
    with nothing_changes(), pytest.raises(Refused) as caught:
        load_file("x", text, at=at)
    assert caught.value.code == code


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="Cannot read"):
        call_command("load_framework", str(tmp_path / "nothing.json"))


def test_the_pathway_has_each_level_of_both_sectors():
    levels = json.loads(ground.PATHWAY.read_text(encoding="utf-8"))["levels"]
    assert set(PathwayLevel.objects.values_list("sector", "level", "entry")) == {
        (level["sector"], level["level"], level["entry"]) for level in levels
    }
    assert Pathway.objects.get().levels.count() == 10


def test_a_changed_pathway_file_is_taken_over(at):
    data = json.loads(ground.PATHWAY.read_text(encoding="utf-8"))
    data["levels"][0]["entry"] = "By interview."
    assert load_file("pathway", json.dumps(data), at=at) == "Pathway: 10 levels."
    level = PathwayLevel.objects.get(sector=data["levels"][0]["sector"], level=data["levels"][0]["level"])
    assert level.entry == "By interview."


# Lettered criteria


def test_a_lettered_criterion_is_read_under_its_outcomes_stem():
    lettered = criterion("1.2.a")
    assert lettered.has_stem
    assert lettered.full_text == (
        "Describe the four areas of need and give examples of the difficulties associated with each: "
        "Communication and interaction"
    )
    whole = criterion("1.1")
    assert not whole.has_stem
    assert whole.full_text == "Explain what Special Educational Needs (SEN) are."


def test_each_criterion_has_a_stem_exactly_when_its_outcome_has_a_list():
    for row in Criterion.objects.select_related("outcome"):
        assert row.has_stem == bool(row.outcome.list_force)
        assert row.full_text.startswith(row.outcome.text)
        assert row.full_text.endswith(row.text)


# Immutability in code


def test_a_published_framework_cannot_be_changed_in_code():
    from django.db import IntegrityError, transaction

    for row, field in [
        (Framework.objects.get(), "title"),
        (Section.objects.first(), "title"),
        (Outcome.objects.first(), "text"),
        (Criterion.objects.first(), "text"),
    ]:
        setattr(row, field, "Changed")
        for act in (row.save, row.delete):
            with nothing_changes(), pytest.raises((IntegrityError, _protected())), transaction.atomic():
                act()


def _protected() -> type[Exception]:
    from django.db.models import ProtectedError

    return ProtectedError


# Policies


def test_without_a_policy_there_are_the_products_defaults(at):
    policy = policy_of(make_qualification().pk, at=at)
    assert (policy.attempt_limit, policy.list_minimums, policy.decision_days) == (None, {}, 14)
    assert "AI" in policy.ai_use
    assert not AssessmentPolicy.objects.exists()


def test_a_policy_holds_from_its_date_and_the_old_one_is_kept(at):
    qualification, boss = make_qualification(), make_person()
    event = last_event()
    set_policy(qualification, by=boss, at=at - timedelta(days=10), attempt_limit=3)
    set_policy(qualification, by=boss, at=at, decision_days=21)
    before = policy_of(qualification.pk, at=at - timedelta(days=11))
    then = policy_of(qualification.pk, at=at - timedelta(days=1))
    now = policy_of(qualification.pk, at=at)
    assert (before.attempt_limit, before.decision_days, before.pk) == (None, 14, None)
    assert (then.attempt_limit, then.decision_days) == (3, 14)
    assert (now.attempt_limit, now.decision_days) == (3, 21)
    assert AssessmentPolicy.objects.count() == 2
    assert actions_since(event) == ["policy.set", "policy.set"]


def test_of_two_policies_from_the_same_moment_the_later_one_holds(at):
    qualification = make_qualification()
    set_policy(qualification, by=None, at=at, attempt_limit=1)
    set_policy(qualification, by=None, at=at, attempt_limit=2)
    assert policy_of(qualification.pk, at=at).attempt_limit == 2


def test_a_limit_can_be_lifted_again(at):
    qualification = make_qualification(policy={"attempt_limit": 1})
    set_policy(qualification, by=None, at=at, attempt_limit=None)
    assert policy_of(qualification.pk, at=at).attempt_limit is None


def test_a_setting_that_does_not_exist_is_an_error_and_not_ignored(at):
    qualification = make_qualification()
    with nothing_changes(), pytest.raises(TypeError, match="atempt_limit"):
        set_policy(qualification, by=None, at=at, atempt_limit=3)


# Export


def package(code: str = CODE) -> dict:
    return json.loads(say("export_case", code))


def test_the_export_is_a_case_package_of_95_items_whose_statements_are_the_files():
    data, items = source(), package()["CFItems"]
    expected = []
    for section in data["sections"]:
        expected.append(("Section", section["code"], section["title"]))
        for outcome in section["outcomes"]:
            expected.append(("Outcome", outcome["code"], outcome["text"]))
            expected += [("Criterion", c["code"], c["text"]) for c in outcome["criteria"]]
    assert len(expected) == 95
    assert [(i["CFItemType"], i["humanCodingScheme"], i["fullStatement"]) for i in items] == expected


def test_what_case_has_no_word_for_stands_under_extensions():
    by_code = {(i["CFItemType"], i["humanCodingScheme"]): i for i in package()["CFItems"]}
    assert by_code["Outcome", "4.2"]["extensions"] == {"kind": "skill", "list_force": "examples"}
    assert by_code["Criterion", "1.1"]["extensions"] == {"kind": "knowledge"}
    assert "notes" in by_code["Outcome", "4.2"]


def test_the_tree_has_each_item_once_under_its_parent():
    found = package()
    items, document = {i["identifier"]: i for i in found["CFItems"]}, found["CFDocument"]["identifier"]
    assert len(items) == 95
    parents = {}
    for tie in found["CFAssociations"]:
        assert tie["associationType"] == "isChildOf"
        child, parent = tie["originNodeURI"]["identifier"], tie["destinationNodeURI"]["identifier"]
        assert child not in parents
        parents[child] = parent
    assert set(parents) == set(items)
    for child, parent in parents.items():
        above = {"Section": None, "Outcome": "Section", "Criterion": "Outcome"}[items[child]["CFItemType"]]
        assert parent == document if above is None else items[parent]["CFItemType"] == above
    sequences = [tie["sequenceNumber"] for tie in found["CFAssociations"]]
    assert all(isinstance(number, int) and number > 0 for number in sequences)


def test_identifiers_are_valid_unique_and_the_same_each_time():
    import re

    once, twice = package(), package()
    assert once == twice
    identifiers = [once["CFDocument"]["identifier"]]
    identifiers += [row["identifier"] for row in once["CFItems"] + once["CFAssociations"]]
    assert len(identifiers) == len(set(identifiers)) == 1 + 95 + 95
    pattern = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(pattern.fullmatch(identifier) for identifier in identifiers)


REQUIRED = {
    "CFDocument": {"identifier", "uri", "creator", "title", "lastChangeDateTime", "caseVersion"},
    "CFItems": {"identifier", "uri", "fullStatement", "lastChangeDateTime"},
    "CFAssociations": {"identifier", "uri", "associationType", "originNodeURI", "destinationNodeURI",
                       "lastChangeDateTime"},
}  # fmt: skip


def test_each_part_has_what_case_1_1_requires():
    from datetime import datetime

    found = package()
    assert set(found) == {"CFDocument", "CFItems", "CFAssociations"}
    for part, names in REQUIRED.items():
        for row in [found[part]] if part == "CFDocument" else found[part]:
            assert names <= set(row), part
            assert datetime.fromisoformat(row["lastChangeDateTime"]).tzinfo is not None
            assert row["uri"].startswith("http")
    assert found["CFDocument"]["caseVersion"] == "1.1"
    for tie in found["CFAssociations"]:
        for end in ("originNodeURI", "destinationNodeURI"):
            assert set(tie[end]) == {"title", "identifier", "uri"}


def test_the_package_is_valid_against_the_official_schema():
    """Runs where the environment variable CASE_SCHEMA names the official case-v1p1-cfpackage.schema.json."""
    import os
    from pathlib import Path

    import jsonschema

    if not os.environ.get("CASE_SCHEMA"):
        pytest.skip("The official schema is not ours to ship: set CASE_SCHEMA to its file to check against it.")
    schema = json.loads(Path(os.environ["CASE_SCHEMA"]).read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(package())] == []


def test_an_unknown_or_unpublished_framework_is_not_exported():
    Framework.objects.create(code="draft", title="Draft", publisher="X", edition="1", level=3, sector="early_years",
                             licence="", attribution="", source_digest="")  # fmt: skip
    for code in ("nothing", "draft"):
        with pytest.raises(CommandError, match="no published framework"):
            call_command("export_case", code)
