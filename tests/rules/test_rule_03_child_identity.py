"""Rule 3: nothing is submitted without the declaration, for this version, that no child can be recognised."""

from portfolio.api import EvidenceVersion, declare, new_version
from tests.factories import World, make_draft, make_submission, settle, submit
from tests.helpers import actions_since, last_event, refused


def test_without_the_child_identity_declaration_submitting_is_refused(world: World, at):
    version = make_draft(world.registration, "1.1")
    declare(version, authentic=True, no_child_identified=False, ai_used="", by=world.trainee, at=at)
    with refused("rule-03-child-identity"):
        submit(world.registration, "1.1")


def test_with_it_submitting_goes_through(world: World, at):
    version = make_draft(world.registration, "1.1")
    event = last_event()
    declare(version, authentic=True, no_child_identified=True, ai_used="Spelling only", by=world.trainee, at=at)
    assert actions_since(event) == ["evidence.declared"]
    submit(world.registration, "1.1")
    version.refresh_from_db()
    assert (version.state, version.child_identity_declared_at, version.ai_used) == ("submitted", at, "Spelling only")


def test_it_can_be_taken_back_while_the_version_is_a_draft(world: World, at):
    version = make_draft(world.registration, "1.1")
    declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.trainee, at=at)
    declare(version, authentic=True, no_child_identified=False, ai_used="", by=world.trainee, at=at)
    with refused("rule-03-child-identity"):
        submit(world.registration, "1.1")


def test_the_declaration_of_version_1_is_not_one_for_version_2(world: World, at):
    settle(make_submission(world.registration, "1.1"), by=world.assessor, outcome="referred")
    new_version(EvidenceVersion.objects.get().evidence, by=world.trainee, at=at)
    with refused("rule-03-child-identity", "rule-01-authenticity"):
        submit(world.registration, "1.1")


def test_nobody_else_declares_for_the_learner(world: World, at):
    version = make_draft(world.registration, "1.1")
    with refused("rule-01-owner"):
        declare(version, authentic=True, no_child_identified=True, ai_used="", by=world.assessor, at=at)
