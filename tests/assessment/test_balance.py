"""Sharing learners out: never against the rules, and loads differ as little as these allow."""

from collections import Counter
from copy import deepcopy
from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from assessment.balance import STANDARD, Need, Person, share_out

people_and_needs = st.integers(1, 5).flatmap(
    lambda number: st.tuples(
        st.lists(st.tuples(st.integers(0, 6), st.one_of(st.none(), st.integers(1, 8)), st.integers(0, 3)),
                 min_size=number, max_size=number),
        st.lists(st.tuples(st.frozensets(st.integers(0, number - 1)), st.integers(0, 2)), max_size=9),
    )
)  # fmt: skip


def build(staff, wanted):
    people = [Person(key, f"P{key}", *values) for key, values in enumerate(staff)]
    return people, [Need(key, may, group) for key, (may, group) in enumerate(wanted)]


def loads(people, given_to):
    more = Counter(given_to.values())
    return {p.key: Fraction(p.learners + more[p.key], p.limit or STANDARD) for p in people}


@given(people_and_needs)
def test_nobody_gets_a_learner_whom_the_rules_or_the_limit_keep_from_them(case):
    people, needs = build(*case)
    found = share_out(needs, deepcopy(people))
    more = Counter(found.values())
    assert all(found[need.key] in need.may for need in needs if need.key in found)
    assert all(p.limit is None or p.learners + more[p.key] <= max(p.limit, p.learners) for p in people)


@given(people_and_needs)
def test_no_move_and_no_exchange_lowers_the_highest_load(case):
    people, needs = build(*case)
    found = share_out(needs, deepcopy(people))
    by_key = {p.key: p for p in people}
    more = Counter(found.values())
    before = sorted(loads(people, found).values(), reverse=True)
    for need in needs:
        for other in need.may & by_key.keys():
            room = by_key[other].limit is None or by_key[other].learners + more[other] < by_key[other].limit
            if need.key in found and found[need.key] != other and room:
                after = sorted(loads(people, found | {need.key: other}).values(), reverse=True)
                assert after[0] >= before[0], (need.key, found[need.key], other)
    for one, two in permutations([need for need in needs if need.key in found], 2):
        if found[two.key] in one.may and found[one.key] in two.may:
            swapped = found | {one.key: found[two.key], two.key: found[one.key]}
            assert max(loads(people, swapped).values()) >= before[0]


@given(people_and_needs)
def test_a_learner_is_left_out_only_when_no_exchange_could_make_room(case):
    """As many are placed as an exhaustive search by augmenting paths places."""
    people, needs = build(*case)
    found = share_out(needs, deepcopy(people))
    seats = [(p.key, n) for p in people for n in range(99 if p.limit is None else max(0, p.limit - p.learners))]
    taken: dict = {}

    def place(need, tried):
        for seat in seats:
            if seat[0] in need.may and seat not in tried:
                tried.add(seat)
                if seat not in taken or place(taken[seat], tried):
                    taken[seat] = need
                    return True
        return False

    assert len(found) == sum(place(need, set()) for need in needs)


def test_the_same_question_gets_the_same_answer_whatever_its_order():
    people = [Person(key, name, 2) for key, name in enumerate(("Ann", "Ben", "Cat"))]
    needs = [Need(key, frozenset({0, 1, 2}), key % 2) for key in range(7)]
    found = share_out(needs, deepcopy(people))
    assert found == share_out(reversed(needs), reversed(deepcopy(people)))
    assert sorted(Counter(found.values()).values()) == [2, 2, 3]


def test_learners_of_a_setting_stay_with_who_knows_it_when_loads_are_equal():
    people = [Person(1, "Ann", 1, groups={"oak"}), Person(2, "Ben", 1, groups={"elm"})]
    needs = [Need("e", frozenset({1, 2}), "elm"), Need("o", frozenset({1, 2}), "oak")]
    assert share_out(needs, people) == {"e": 2, "o": 1}


def test_among_equals_nobody_is_chosen_with_whom_a_second_check_comes():
    people = [Person(1, "Ann", 1), Person(2, "Ben", 1)]
    assert share_out([Need("a", frozenset({1, 2}), rather_not=frozenset({1}))], people) == {"a": 2}


def test_load_is_measured_by_each_persons_own_limit():
    people = [Person(1, "Part-time", 0, 2), Person(2, "Full-time", 0, 8)]
    found = share_out([Need(key, frozenset({1, 2})) for key in range(5)], people)
    assert Counter(found.values()) == {2: 4, 1: 1}


def test_somebody_is_made_free_for_the_only_learner_they_may_take():
    people = [Person(1, "Ann", 0, 1), Person(2, "Ben", 5, 9)]
    needs = [Need("a", frozenset({1, 2})), Need("b", frozenset({1}))]
    assert share_out(needs, people) == {"a": 2, "b": 1}
