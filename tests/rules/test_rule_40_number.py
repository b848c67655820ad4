"""Rule 40: an invalid learner number is refused; one held by somebody else goes to the centre's matching queue."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from courses.delivery.api import LearnerNumber, NumberMatch, give_number, settle_match
from courses.delivery.identifiers import is_valid_uln, validate_uln
from lms.audit.models import AuditEvent
from tests.factories import World, make_qualification
from tests.helpers import actions_since, last_event, nothing_changes, refused

ULN, ANOTHER = "9276308686", "1234567899"


@pytest.mark.parametrize("uln", ["1000000000", "1234567899", "5555555554", "9276308686", "9999999999"])
def test_numbers_that_are_right(uln: str):
    assert is_valid_uln(uln)
    validate_uln(uln)


@pytest.mark.parametrize(
    "uln",
    [
        "9276308687",
        "0123456789",
        "123456789",
        "12345678999",
        "",
        "abcdefghij",
        "١٢٣٤٥٦٧٨٩٩",
        "1234567899\n",
        " 234567899",
    ],
)
def test_numbers_that_are_wrong(uln: str):
    assert not is_valid_uln(uln)
    with pytest.raises(ValidationError):
        validate_uln(uln)


@given(st.integers(min_value=10**8, max_value=10**9 - 1))
def test_nine_digits_have_at_most_one_check_digit_and_it_is_the_one_of_the_sum(start: int):
    digits = [int(d) for d in str(start)]
    remainder = sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
    expected = {str(10 - remainder)} if remainder else set()
    if start == 999_999_999:
        expected.add("9")  # "not yet known", which fails the sum
    assert {d for d in "0123456789" if is_valid_uln(f"{start}{d}")} == expected


@given(st.text(max_size=14))
def test_any_text_gets_an_answer(text: str):
    assert is_valid_uln(text) == (len(text) == 10 and text.isascii() and text.isdigit() and is_valid_uln(text))


def test_a_valid_number_is_kept_and_the_log_holds_a_digest_of_it(world: World, at):
    event = last_event()
    assert give_number(world.registration, "92763 08686", by=world.trainee, at=at) is True
    assert LearnerNumber.objects.get().uln == ULN
    assert actions_since(event) == ["learner.uln_given"]
    assert not AuditEvent.objects.filter(canonical__contains=ULN).exists()


def test_an_invalid_number_is_refused(world: World, at):
    with refused("rule-40-invalid"):
        give_number(world.registration, "9276308687", by=world.trainee, at=at)


def test_not_yet_known_is_accepted_and_not_kept(world: World, at):
    with nothing_changes():
        assert give_number(world.registration, "9999999999", by=world.trainee, at=at) is True


def test_giving_the_same_again_changes_nothing_and_another_is_refused(world: World, at):
    give_number(world.registration, ULN, by=world.trainee, at=at)
    with nothing_changes():
        assert give_number(world.registration, ULN, by=world.trainee, at=at) is True
    with refused("rule-40-held"):
        give_number(world.registration, ANOTHER, by=world.trainee, at=at)


def test_one_person_has_one_number_for_several_registrations(world: World, at):
    from tests.factories import make_learner

    second = make_learner(qualification=make_qualification(), learner=world.trainee)
    give_number(world.registration, ULN, by=world.trainee, at=at)
    with nothing_changes():
        assert give_number(second, ULN, by=world.trainee, at=at) is True


def test_a_number_that_another_person_holds_goes_to_the_matching_queue(world: World, at):
    give_number(world.registration, ULN, by=world.trainee, at=at)
    event = last_event()
    assert give_number(world.other.registration, ULN, by=world.other.trainee, at=at) is False
    match = NumberMatch.objects.get()
    assert (match.registration, match.uln, match.settled_at) == (world.other.registration, ULN, None)
    assert list(LearnerNumber.objects.values_list("learner", flat=True)) == [world.trainee.pk]
    assert actions_since(event) == ["learner.uln_queued"]
    row = AuditEvent.objects.latest("pk")
    assert world.trainee.name not in row.canonical
    assert f"user:{world.trainee.pk}" not in row.canonical


def test_asking_twice_waits_once(world: World, at):
    give_number(world.registration, ULN, by=world.trainee, at=at)
    for _ in range(2):
        give_number(world.other.registration, ULN, by=world.other.trainee, at=at)
    assert NumberMatch.objects.count() == 1


def test_the_centres_administrator_settles_a_match_once_with_a_word_on_how(world: World, at):
    give_number(world.registration, ULN, by=world.trainee, at=at)
    give_number(world.other.registration, ULN, by=world.other.trainee, at=at)
    match = NumberMatch.objects.get()
    with refused("number-match-outcome"):
        settle_match(match, " ", by=world.other.centre_admin, at=at)
    for person in (world.centre_admin, world.other.trainee, world.other.lead_iqa, world.other.assessor):
        with refused("number-match-right"):
            settle_match(match, "Typing slip", by=person, at=at)
    event = last_event()
    settle_match(match, " Typing slip ", by=world.other.centre_admin, at=at)
    match.refresh_from_db()
    assert (match.outcome, match.settled_by, match.settled_at) == ("Typing slip", world.other.centre_admin, at)
    assert actions_since(event) == ["learner.uln_settled"]
    with refused("number-match-settled"):
        settle_match(match, "Again", by=world.other.centre_admin, at=at)
