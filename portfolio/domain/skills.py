"""The skills check: a learner rates every outcome, and later again (criteria 2.3-2.5)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from courses.delivery.api import Registration, lock_registration, registration_stream
from courses.framework.api import Outcome
from lms.accounts.api import User
from lms.audit.api import Action, record
from lms.common.conflicts import check_bases
from lms.common.errors import Refused, SeveralRefused
from portfolio.models import SkillsCheck, SkillsRating
from portfolio.policies import check_owner
from portfolio.queries_skills import Ratings, is_rated, outcomes_of, ratings_of

SCALE = range(1, 6)
RATED = ("confidence", "competence", "note")
Said = Mapping[int, Mapping[str, int | str | None]]


def start_check(registration: Registration, *, by: User, at: datetime) -> SkillsCheck:
    """Starts a learner's next skills check; one that is open already is returned as it is."""
    with transaction.atomic():
        registration = lock_registration(registration.pk)
        check_owner(by, registration)
        mine = SkillsCheck.objects.filter(registration=registration)
        already = mine.filter(finished_at__isnull=True).first()
        if already is not None:
            return already
        number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
        check = SkillsCheck.objects.create(registration=registration, number=number, started_at=at, saved_at=at)
        _record(check, Action.SKILLS_CHECK_STARTED, by, at)
    return check


def rate(check: SkillsCheck, said: Said, *, by: User, at: datetime,
         bases: Mapping[str, str] | None = None) -> SkillsCheck:  # fmt: skip
    """Saves answers of an open check. `said`: by outcome id any of confidence and competence (1 to 5, or None to take
    it back) and note; what is not named stays as it is. Refused for an outcome of another framework, for an answer
    that is not on the scale, once the check is finished, and for a note that was changed elsewhere meanwhile
    (`bases`: see lms.common.conflicts)."""
    with transaction.atomic():
        row = _locked_open(check, by)
        if not said.keys() <= outcomes_of(row.registration).keys():
            raise Refused("outcome-unknown", "One of these statements does not belong to your qualification.")
        ratings = ratings_of(row)[row.pk]
        check_bases(notes_of(ratings), {note_name(pk): _note(answers) for pk, answers in said.items()}, bases or {})
        changed = [rating for pk, answers in said.items() if (rating := _answered(row, ratings.get(pk), pk, answers))]
        if not changed:
            return row
        SkillsRating.objects.bulk_create(rating for rating in changed if rating.pk is None)
        SkillsRating.objects.bulk_update([rating for rating in changed if rating.outcome_id in ratings], RATED)
        row.saved_at = at
        row.save(update_fields=["saved_at"])
    return row


def note_name(outcome_id: int) -> str:
    """What the note on an outcome is called in a form."""
    return f"o{outcome_id}-note"


def notes_of(ratings: Ratings) -> dict[str, str]:
    """The notes of a check as they are saved, by their names in a form."""
    return {note_name(pk): rating.note for pk, rating in ratings.items()}


def _note(answers: Mapping[str, int | str | None]) -> str | None:
    return str(answers["note"] or "") if "note" in answers else None


def finish_check(check: SkillsCheck, *, by: User, at: datetime) -> SkillsCheck:
    """Finishes a check; from then on it stays as it is. Raises SeveralRefused with each outcome that is not rated for
    confidence and competence, and where to do it. Finishing again changes nothing."""
    with transaction.atomic():
        registration = lock_registration(check.registration_id)
        check_owner(by, registration)
        row = _fresh(check, registration)
        if row.finished_at:
            return row
        if lacking := missing(row, registration, ratings_of(row)[row.pk]):
            raise SeveralRefused(lacking)
        row.saved_at = row.finished_at = at
        row.save(update_fields=["saved_at", "finished_at"])
        _record(row, Action.SKILLS_CHECK_FINISHED, by, at)
    return row


def discard_check(check: SkillsCheck, *, by: User, at: datetime) -> None:
    """Deletes an open check with its answers; the next one takes its number. A finished one stays."""
    with transaction.atomic():
        row = _locked_open(check, by)
        _record(row, Action.SKILLS_CHECK_STARTED, by, at, taken_back=True)
        row.delete()


def missing(check: SkillsCheck, registration: Registration, ratings: Ratings) -> list[Refused]:
    """What stands between an open check and finishing it: one reason for each outcome that is not wholly rated."""
    lacking = [outcome for pk, outcome in outcomes_of(registration).items() if not is_rated(ratings.get(pk))]
    return [
        Refused("skills-unrated", f"{outcome.code} {_lacks(ratings.get(outcome.pk))}.",
                fix_url=address(check.number, outcome))
        for outcome in lacking
    ]  # fmt: skip


def address(number: int, outcome: Outcome) -> str:
    """Where an outcome is rated in a check."""
    return f"{reverse('portfolio:skills_section', args=[number, outcome.section.code])}#rating-{outcome.code}"


def _lacks(rating: SkillsRating | None) -> str:
    if rating is not None and rating.confidence is not None:
        return "does not say yet how well you can do it"
    if rating is not None and rating.competence is not None:
        return "does not say yet how sure you feel"
    return "is not rated yet"


def _answered(check: SkillsCheck, rating: SkillsRating | None, outcome_id: int,
              answers: Mapping[str, int | str | None]) -> SkillsRating | None:  # fmt: skip
    """The rating with new answers, or None when they change nothing. Raises Refused for an answer off the scale."""
    if unknown := answers.keys() - set(RATED):
        raise TypeError(f"A rating has no {', '.join(sorted(unknown))}")
    for name in ("confidence", "competence"):
        if answers.get(name) is not None and answers[name] not in SCALE:
            raise Refused("rating-unknown", "Choose one of the five answers.")
    rating = rating or SkillsRating(check_of=check, outcome_id=outcome_id)
    if all(getattr(rating, name) == value for name, value in answers.items()):
        return None
    for name, value in answers.items():
        setattr(rating, name, value)
    return rating


def _locked_open(check: SkillsCheck, by: User) -> SkillsCheck:
    """The check, locked with its registration and read afresh, while it is open. Raises Refused."""
    registration = lock_registration(check.registration_id)
    check_owner(by, registration)
    row = _fresh(check, registration)
    if row.finished_at:
        raise Refused("skills-finished", "This skills check is finished, so it cannot be changed. Do it again to show "
                      "what is different now.")  # fmt: skip
    return row


def _fresh(check: SkillsCheck, registration: Registration) -> SkillsCheck:
    row = SkillsCheck.objects.filter(pk=check.pk).first()
    if row is None:
        raise Refused("skills-gone", "This skills check was deleted in another window. You can start a new one.")
    row.registration = registration
    return row


def _record(check: SkillsCheck, action: Action, by: User, at: datetime, **changes: object) -> None:
    record(
        registration_stream(check.registration_id), action, by=by, role="learner", at=at,
        subject=f"skills_check:{check.pk}", changes={"number": check.number, **changes},
    )  # fmt: skip
