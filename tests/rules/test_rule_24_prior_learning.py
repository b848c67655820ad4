"""Rule 24: a certificate or prior learning is judged like all other evidence, and can be found to be sampled always."""

import pytest
from django.utils import timezone

from assessment.api import Decision
from portfolio.api import EvidenceVersion, candidates, save_draft
from tests.factories import World, decide_all, link_and_declare, make_draft, make_submission, settle, submit
from tests.helpers import database_refuses, refused, run_sql, statuses

pytestmark = pytest.mark.django_db
SAID = {"source": "Havenshire College", "happened_on": timezone.localdate()}


def certificate(world: World, **fields) -> EvidenceVersion:
    version = make_draft(world.registration, kind=EvidenceVersion.Kind.CERTIFICATE)
    save_draft(version, **fields, by=world.trainee, at=timezone.now())
    return link_and_declare(version, "1.1")


@pytest.mark.parametrize(("left_out", "code"), [("source", "awarded-by"), ("happened_on", "awarded-on")])
def test_it_says_who_awarded_it_and_when(world: World, at, left_out: str, code: str):
    said = {name: value for name, value in SAID.items() if name != left_out}
    version = certificate(world, **said)
    assert [reason.code for reason in candidates(world.registration, at=at)[0].reasons] == [f"rule-24-{code}"]
    with refused(f"rule-24-{code}"):
        submit(world.registration, "1.1")
    with database_refuses("rule_24_certificate"):
        run_sql("UPDATE portfolio_evidenceversion SET state = 'submitted', submitted_at = %s WHERE id = %s", at,
                version.pk)  # fmt: skip


def test_the_same_five_tests_decide_it(world: World):
    certificate(world, **SAID)
    submission = submit(world.registration, "1.1")
    decide_all(submission, by=world.assessor)
    settle(submission, by=world.assessor)
    assert statuses(world.registration) == {"1.1": "achieved"}


@pytest.mark.parametrize("outcome", ["achieved", "referred"])
def test_decisions_that_rest_on_prior_learning_are_marked(world: World, outcome: str):
    """So that quality assurance looks at each of them; other decisions are not marked."""
    certificate(world, **SAID)
    settle(submit(world.registration, "1.1"), by=world.assessor, outcome=outcome)
    settle(make_submission(world.registration, "1.3"), by=world.assessor)
    marked = dict(Decision.objects.values_list("criterion__code", "always_sample"))
    assert marked == {"1.1": True, "1.3": False}
