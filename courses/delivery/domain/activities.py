"""Doing interactive activities: attempts, where the learner stopped, what the activity reports, and what counts.
Frequent and private, like answers: not audited acts, and never evidence by themselves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from content.models import H5PActivity, H5PVersion
from courses.delivery.models import (
    ActivityAttempt,
    ActivityState,
    ActivityStatement,
    Registration,
    StudyAnswer,
    StudyProgress,
)
from courses.delivery.queries_activities import Use, standing_of
from courses.delivery.xapi import MOST_STATE, Said
from lms.common.errors import Refused

NO_ACTIVITY = "This activity cannot be shown at present. You can go on without it."
MOST_STATES = 50
KIND = StudyAnswer.Kind.ACTIVITY


def open_activity(registration: Registration, activity: H5PActivity, uses: Iterable[Use], *, at: datetime,
                  again: bool = False) -> ActivityAttempt:  # fmt: skip
    """The learner opens an activity: their last attempt goes on, completed or not, with where they stopped. A new one
    begins when there is none, when they say `again` after completing, and when the content is another one since.
    Raises Refused for an activity that is not ready. Two tabs that open it at once open one attempt."""
    version = activity.current
    if version is None or version.state != version.State.READY or activity.retired_at is not None:
        raise Refused("activity-not-ready", NO_ACTIVITY)
    with transaction.atomic():
        last = _last(registration, activity)
        same = last is not None and last.version.content_hash == version.content_hash
        if last is not None and same and not (again and last.completed_at):
            attempt = last
        else:
            number = last.number + 1 if last else 1
            attempt = _begin(registration, activity, version, number, at)
        count(registration, activity, uses, at=at)
    return attempt


def _last(registration: Registration, activity: H5PActivity) -> ActivityAttempt | None:
    rows = ActivityAttempt.objects.filter(registration=registration, activity=activity).select_related("version")
    return rows.order_by("-number").first()


def _begin(registration: Registration, activity: H5PActivity, version: H5PVersion, number: int,
           at: datetime) -> ActivityAttempt:  # fmt: skip
    facts = {"registration": registration, "activity": activity, "number": number}
    try:
        with transaction.atomic():
            return ActivityAttempt.objects.create(**facts, version=version, started_at=at)
    except IntegrityError:  # another tab was quicker
        return ActivityAttempt.objects.select_related("version").get(**facts)


def keep_state(attempt: ActivityAttempt, data_type: str, sub_content_id: str, data: str, saved: int) -> None:
    """Keeps where a learner stopped, as the activity wrote it down; "" forgets it. What was sent last (`saved`) stays,
    in whichever order it arrives. Raises Refused for what is too large. At most four queries, and no lock that another
    save would wait for."""
    if len(data.encode("utf-8", "ignore")) > MOST_STATE:
        raise Refused("state-large", "Your place in this activity is too large to be kept.")
    if not data_type or len(data_type) > 64 or len(sub_content_id) > 64 or "\x00" in data + data_type + sub_content_id:
        raise Refused("state-name", "Your place in this activity could not be kept.")
    rows = ActivityState.objects.filter(attempt=attempt, data_type=data_type, sub_content_id=sub_content_id)
    if rows.filter(saved__lt=saved).update(data=data, saved=saved) or rows.exists():
        return
    if ActivityState.objects.filter(attempt=attempt).count() >= MOST_STATES:
        raise Refused("state-many", "This activity keeps too many places.")
    row = ActivityState(attempt=attempt, data_type=data_type, sub_content_id=sub_content_id, data=data, saved=saved)
    ActivityState.objects.bulk_create([row], ignore_conflicts=True)
    rows.filter(saved__lt=saved).update(data=data, saved=saved)  # another save was quicker to make the row


def keep_statements(attempt: ActivityAttempt, said: Sequence[Said], uses: Iterable[Use], *, at: datetime) -> bool:
    """Keeps what an activity reports of an attempt, each statement once; says whether anything was new. When the whole
    is done, the attempt is completed (the first time counts, the best score stays) and it counts wherever it stands.
    `uses` is read only then."""
    with transaction.atomic():
        attempt = ActivityAttempt.objects.select_for_update().get(pk=attempt.pk)
        known = set(attempt.statements.filter(key__in=[one.key for one in said]).values_list("key", flat=True))
        fresh = [one for one in said if one.key not in known]
        ActivityStatement.objects.bulk_create(
            ActivityStatement(
                attempt=attempt, key=one.key, verb=one.verb, part=one.part, name=one.name, is_root=one.is_root,
                raw=one.raw, maximum=one.maximum, success=one.success, statement=one.statement, at=at,
            )
            for one in fresh
        )  # fmt: skip
        done = [one for one in fresh if one.completes]
        if done:
            _complete(attempt, done, at)
            count(attempt.registration_id, attempt.activity_id, uses, at=at)
    return bool(fresh)


def _complete(attempt: ActivityAttempt, done: Iterable[Said], at: datetime) -> None:
    attempt.completed_at = attempt.completed_at or at
    for one in done:
        if one.scaled is not None and (attempt.score_scaled is None or one.scaled > attempt.score_scaled):
            attempt.score_raw, attempt.score_max, attempt.score_scaled = one.raw, one.maximum, one.scaled
        if one.passes is not None:
            attempt.success = attempt.success or one.passes
    attempt.save(update_fields=["completed_at", "score_raw", "score_max", "score_scaled", "success"])


def count(registration: Registration | int, activity: H5PActivity | int, uses: Iterable[Use], *, at: datetime) -> None:
    """What a learner has reached in an activity counts on every page that shows it, as each page's author said: its
    block is answered, and a page whose end was reached and of which nothing else is left is finished. The first time
    counts. As many queries however many pages there are."""
    registration_id = registration.pk if isinstance(registration, Registration) else registration
    standing = standing_of(registration, activity)
    met = {use.block: use for use in uses if standing.meets(use)}
    if not met:
        return
    answers = StudyAnswer.objects.filter(registration=registration_id)
    done = set(answers.filter(block__in=met, done_at__isnull=False).values_list("page_id", "block"))
    fresh = [use for use in met.values() if (use.page_id, use.block) not in done]
    if not fresh:
        return
    rows = [StudyAnswer(registration_id=registration_id, page_id=use.page_id, block=use.block, kind=KIND, value={},
                        saved_at=at, done_at=at) for use in fresh]  # fmt: skip
    StudyAnswer.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["registration", "page", "block"], update_fields=["done_at"]
    )
    _finish(registration_id, fresh, at)


def _finish(registration_id: int, uses: Sequence[Use], at: datetime) -> None:
    """Finishes the pages of which nothing is left."""
    pages = {use.page_id: set(use.to_finish) for use in uses}
    ended = StudyProgress.objects.filter(registration=registration_id, page_id__in=pages, reached_end_at__isnull=False,
                                         finished_at__isnull=True)  # fmt: skip
    answered = StudyAnswer.objects.filter(registration=registration_id, page_id__in=pages, done_at__isnull=False)
    done: dict[int, set[UUID]] = {}
    for page_id, block in answered.values_list("page_id", "block"):
        done.setdefault(page_id, set()).add(block)
    complete = [page_id for page_id, blocks in pages.items() if blocks <= done.get(page_id, set())]
    ended.filter(page_id__in=complete).update(finished_at=at)
