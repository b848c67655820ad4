"""The forty workflow rules: where each lives in the product, what of the database defends it, and which test proves it.

For people who check the product against its rules (`manage.py rules`). Names stand here as text, so that the book reads
across every room; a test imports each function and sees each test run.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from django.apps import apps

from lms.common import triggers

NAMED = re.compile(r"rule_(\d\d)_")


@dataclass(frozen=True)
class Rule:
    """A rule by its number: what it says, the functions that hold it, and tests as "file::name"."""

    number: int
    text: str
    functions: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    @property
    def is_built(self) -> bool:
        """It is in the product; rules of later steps are not yet."""
        return bool(self.functions)


@dataclass(frozen=True)
class Entry:
    """A rule as the command prints it."""

    number: int
    text: str
    status: str
    function: list[str] = field(default_factory=list)
    database: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)


def _in(file: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/rules/test_rule_{file}.py::test_{name}" for name in names)


_POLICY = "assessment.policies."
RULES = (
    Rule(
        1, "A draft is submitted with a criterion, with a text or a file, and declared authentic for this version; "
        "saving it is never refused.",
        ("portfolio.domain.submit.submit_criteria", "portfolio.policies.missing_before_submitting"),
        _in("01_submit", "a_ready_draft_is_submitted_and_frozen", "saving_a_draft_is_never_refused_for_what_is_missing",
            "the_declaration_is_for_what_this_version_says"),
    ),
    Rule(
        2, "Submitted evidence is not edited: a change makes the next version, and what the earlier one achieved "
        "stands until the next is decided.",
        ("portfolio.policies.check_editable", "portfolio.domain.write.new_version"),
        _in("02_versions", "submitted_evidence_is_edited_by_nobody",
            "the_achievement_of_version_1_stands_until_version_2_is_decided"),
    ),
    Rule(
        3, "Evidence is submitted with the declaration that no child can be identified, for this version.",
        ("portfolio.policies.missing_before_submitting",),
        _in("03_child_identity", "without_the_child_identity_declaration_submitting_is_refused",
            "the_declaration_of_version_1_is_not_one_for_version_2"),
    ),
    Rule(
        4, "A reported identifiable child puts evidence on hold: hidden from all but its owner, the reporter and the "
        "data-protection role, not decided, not counted; then released, replaced, or destroyed but for a tombstone. An "
        "award already made stays.",
        (_POLICY + "held_versions", "assessment.domain.hold.place_hold", "assessment.domain.hold.destroy_held"),
        _in("04_hold", "a_hold_hides_evidence_from_all_but_owner_reporter_and_the_data_protection_role",
            "nothing_is_judged_decided_or_released_on_hold", "an_award_already_made_is_not_undone",
            "destroying_leaves_a_tombstone_and_nothing_else"),
    ),
    Rule(
        5, "A safeguarding concern goes to the safeguarding lead alone, in an audit stream of its own; nothing of it "
        "shows anywhere else.",
        ("courses.delivery.domain.safeguarding.raise_concern",),
        _in("05_safeguarding", "nothing_of_it_shows_at_the_learner_in_history_exports_or_to_other_staff"),
    ),
    Rule(
        6, "V, A, C and R are judged once for each evidence version, S once for each criterion over the versions that "
        "its one decision rests on; achieved only if all hold.",
        (_POLICY + "why_unsound", "assessment.domain.judge.judge_version", "assessment.domain.release.release"),
        _in("06_decide", "the_assessor_judges_a_version_once_for_every_decision_that_rests_on_it",
            "achieved_only_if_each_version_relied_on_holds_all_four_tests",
            "partial_pieces_may_together_achieve_a_criterion"),
    ),
    Rule(
        7, "A referral without feedback is refused.", (_POLICY + "why_no_feedback",),
        _in("07_feedback", "a_referral_without_feedback_is_not_released"),
    ),
    Rule(
        8, "Nobody decides their own work, or with an undeclared or unresolved personal interest in the result.",
        (_POLICY + "why_interest_stops", "assessment.domain.interest.declare_interest"),
        _in("08_interest", "the_learner_decides_nothing_of_their_own", "an_open_interest_takes_the_right_to_decide",
            "somebody_who_works_at_the_learners_setting_has_an_undeclared_interest"),
    ),
    Rule(
        9, "A decision with an unavoidable interest waits until a different person without interest confirms. A dual "
        "role is declared, shown to the learner, and governed by policy (forbid, second scrutiny, always sampled, "
        "allow).",
        (_POLICY + "scrutiny_of", _POLICY + "dual_role_rule", _POLICY + "why_dual_role_stops",
         "assessment.domain.check.check_submission"),
        _in("09_dual_role", "second_scrutiny_waits_for_somebody_else_without_such_a_role",
            "forbidden_somebody_else_decides", "support_on_record_makes_a_dual_role_and_must_be_declared")
        + _in("09_interest", "an_unavoidable_interest_waits_for_somebody_without_one"),
    ),
    Rule(
        10, "Decisions of an assessor who is not qualified on the day are provisional until another, qualified "
        "assessor countersigns, where the awarding organisation asks for it.",
        (_POLICY + "needs_countersigning", _POLICY + "standing_of", "assessment.domain.check.check_submission"),
        _in("10_countersigning", "decisions_of_an_unqualified_assessor_are_provisional",
            "they_count_when_a_qualified_assessor_countersigns", "nobody_countersigns_their_own_decisions"),
    ),
    Rule(
        11, "An assessor whose working-towards period has ended decides nothing.",
        (_POLICY + "working_towards_until", _POLICY + "standing_of"),
        _in("11_working_towards", "after_the_period_the_assessor_may_not_decide",
            "the_last_day_of_the_period_is_in_it_and_the_next_is_not"),
    ),
    Rule(12, "Nobody samples a decision that they made, countersigned or scrutinised, or with an interest."),
    Rule(13, "A sampling plan covers assessors, methods, sites, units and learners, or gives a reason for each gap."),
    Rule(14, "The first decisions of a new or unqualified assessor are sampled."),
    Rule(15, "A claim asks that the summative quota is met and nothing picked of this learner is open."),
    Rule(16, "A sample's action lets the decision stand, or reopens it."),
    Rule(17, "An overturned decision is superseded by another's, and the assessor's alike are queued."),
    Rule(
        18, "A criterion is achieved if and only if a current achieved decision exists that is not provisional, "
        "pending, reopened, superseded or held.",
        ("assessment.status.decision_counts", "assessment.domain.counting.count_all"),
        _in("18_counts", "each_step_moves_the_status_of_its_criterion_and_of_no_other",
            "a_decision_in_another_state_does_not_count"),
    ),
    Rule(
        19, "A qualification is complete if and only if every mandatory criterion is achieved; of an illustrative "
        "list, the awarding organisation's minimum.",
        ("assessment.progression.is_complete", "assessment.progression.needed_of"),
        _in("19_complete", "with_every_criterion_achieved_the_registration_is_complete",
            "the_awarding_organisations_minimum_holds_for_the_illustrative_list"),
    ),
    Rule(
        20, "A referred criterion is submitted again within the attempts for that criterion; more are granted "
        "on record.",
        ("portfolio.policies.attempts_left", "portfolio.domain.submit.grant_attempt"),
        _in("20_attempts", "at_the_limit_it_is_refused_and_says_who_can_grant_more", "a_grant_gives_exactly_one_more"),
    ),
    Rule(
        21, "A skill is achieved on evidence of practice.",
        (_POLICY + "why_not_achieved", "portfolio.policies.shows_practice"),
        _in("21_practice", "what_was_only_written_does_not_achieve_a_skill",
            "it_is_enough_that_one_of_the_versions_shows_practice"),
    ),
    Rule(
        22, "A witness is an expert only under every condition, verified by the assessor on record; another's "
        "testimony alone does not satisfy a skill.",
        ("portfolio.domain.witness.add_witness", "portfolio.policies.shows_practice"),
        _in("22_witness", "an_expert_is_who_meets_every_condition")
        + _in("21_practice", "an_expert_witness_shows_a_skill_and_another_witness_not_alone"),
    ),
    Rule(
        23, "An observation has observer, date, setting and duration; a professional discussion is dated and refers to "
        "each criterion.",
        ("portfolio.domain.record.sign_record", "portfolio.policies.missing_before_submitting"),
        _in("23_records", "a_record_is_not_signed_without_what_makes_it_one",
            "a_discussion_says_for_each_criterion_where_it_is_met"),
    ),
    Rule(
        24, "Prior learning passes the same five tests, and is always marked for sampling.",
        ("assessment.policies.Position.always_sampled", _POLICY + "why_unsound"),
        _in("24_prior_learning", "the_same_five_tests_decide_it", "decisions_that_rest_on_prior_learning_are_marked"),
    ),
    Rule(25, "A claim is allowed when the qualification is complete and nothing stands in its way."),
    Rule(26, "Direct claim status is held by a centre for a qualification, granted and removed on record."),
    Rule(27, "A certificate's number and date come from the awarding organisation's confirmation alone."),
    Rule(28, "Only the awarding organisation revokes a result; the public check says so and the history stays."),
    Rule(29, "An appeal is decided by somebody who took no part in the result and has no interest."),
    Rule(30, "An appeal to the awarding organisation follows the centre's stages."),
    Rule(31, "An appeal upheld for a process failure lists the learners alike for review."),
    Rule(32, "An open malpractice case makes claims wait and keeps the records."),
    Rule(33, "Adjustments apply to later tasks and attempts; special consideration to an assessment already taken."),
    Rule(34, "An external quality assurer reads during a dated review, and chooses what opens."),
    Rule(
        35, "Access follows allocation.",
        ("portfolio.visibility.EvidenceQuerySet.visible_to",
         "courses.delivery.visibility.RegistrationQuerySet.visible_to"),
        _in("35_access", "submitted_evidence_is_seen_by_its_learner_and_whoever_is_allocated",
            "access_ends_with_the_allocation", "the_setting_manager_sees_progress_and_only_what_is_shared"),
    ),
    Rule(36, "Enrolling past a cohort's places leads to a waiting list."),
    Rule(
        37, "A registration is pinned to one edition of a qualification and one level.",
        ("courses.delivery.api.register_learner",),
        _in("37_pinned", "the_same_qualification_twice_is_refused", "another_qualification_is_another_registration"),
    ),
    Rule(38, "Erasure waits for the end of retention and of every hold."),
    Rule(
        39, "Every transition appends who, in which role, when and what to an append-only log, in its own transaction, "
        "without words, names or child data.",
        ("lms.audit.api.record", "lms.audit.api.verify"),
        _in("39_log", "each_transition_says_who_in_which_role_when_and_what", "the_log_holds_no_words_and_no_names",
            "an_act_that_fails_leaves_no_event"),
    ),
    Rule(
        40, "A learner number is valid or refused, may be not yet known, and goes to the centre's matching queue when "
        "another person holds it, of whom nothing is said.",
        ("courses.delivery.api.give_number", "courses.delivery.api.settle_match"),
        _in("40_number", "an_invalid_number_is_refused",
            "a_number_that_another_person_holds_goes_to_the_matching_queue"),
    ),
)  # fmt: skip


def entries() -> Iterator[Entry]:
    """Each rule with what of the database defends it, found by the names of triggers and constraints."""
    defended = defenders()
    for rule in RULES:
        status = "built" if rule.is_built else "not yet"
        yield Entry(rule.number, rule.text, status, list(rule.functions), defended.get(rule.number, []),
                    list(rule.tests))  # fmt: skip


def defenders() -> dict[int, list[str]]:
    """Names of triggers and constraints by the rule that they defend."""
    names = {trigger.name for trigger in triggers.all_triggers()}
    names |= {constraint.name for model in apps.get_models() for constraint in model._meta.constraints}
    found: dict[int, list[str]] = {}
    for name in sorted(names):
        named = NAMED.match(name)
        if named:
            found.setdefault(int(named[1]), []).append(name)
    return found


def as_json(entry: Entry) -> dict[str, object]:
    """An entry for printing."""
    return asdict(entry)
