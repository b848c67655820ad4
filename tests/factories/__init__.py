"""People, organisations and work for tests, made with the product's own domain functions.

Plain rows come from factory-boy; whatever the product has a domain function for goes through it, so that audit,
counts and notices are as in life. `make_world()` gives a whole small world with two tenants.
"""

from .learning import (
    allocate_assessor,
    criterion,
    declare_roles,
    make_cohort,
    make_learner,
    make_qualification,
)
from .mapping import make_mapped_qualification
from .people import make_organisation, make_person, make_qualified, make_unqualified
from .records import link_and_declare, make_held, make_record, make_witness
from .work import (
    decide_all,
    fill_portfolio,
    judge_all,
    make_draft,
    make_file,
    make_opened,
    make_ready_evidence,
    make_submission,
    opened,
    settle,
    submit,
)
from .world import OtherTenant, World, make_world

__all__ = [
    "OtherTenant",
    "World",
    "allocate_assessor",
    "criterion",
    "fill_portfolio",
    "decide_all",
    "declare_roles",
    "judge_all",
    "link_and_declare",
    "make_cohort",
    "make_draft",
    "make_file",
    "make_held",
    "make_learner",
    "make_mapped_qualification",
    "make_opened",
    "make_organisation",
    "make_person",
    "make_qualification",
    "make_qualified",
    "make_ready_evidence",
    "make_record",
    "make_submission",
    "make_unqualified",
    "make_witness",
    "make_world",
    "opened",
    "settle",
    "submit",
]
