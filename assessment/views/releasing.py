"""The check before release: every decision once more, and what will happen to them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessment.api import release as release_decisions
from assessment.domain.release import unfinished, who_may_check
from assessment.models import Decision, DecisionVersion, SecondCheck
from assessment.policies import Position, held_versions, position_of
from assessment.queries_desk import Desk
from lms.accounts.api import User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.api import Submission

from .workspace import find_desk, named, person, placed

OTHER_ROLES = {"supports": "support", "teaches": "teach", "manages": "manage"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, ref: Any) -> HttpResponse:
    """Check every decision, then release them together: the learner is told, or, where rule 9 or 10 asks for it, a
    second assessor is asked first. Refused with every reason at once."""
    desk, user = find_desk(request, ref, "", with_evidence=False), person(request)
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            row = release_decisions(desk.submission, by=user, at=timezone.now())
            messages.success(request, _done(desk, row))
            return reverse("assessment:queue")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = placed(reasons_of(refusal))
    closed = desk.submission.can_be_withdrawn or not desk.submission.is_open or desk.submission.is_being_checked
    if not reasons and closed:
        return redirect("assessment:workspace", ref=ref)
    position = position_of(user, desk.submission.registration)
    ask = position.refusal is None and not reasons
    context = {
        "desk": desk, "lines": _lines(desk), "why_not": position.refusal, "reasons": reasons,
        "left": placed(unfinished(desk.todo, desk.drafts, user)) if ask else [],
        "then": Then(desk.submission, position, user) if ask else None,
        "saved": named(desk, request.GET.get("saved", "")),
    }  # fmt: skip
    return render(request, "assessment/workspace_release.html", context, status=422 if reasons else 200)


def _done(desk: Desk, row: Submission) -> str:
    if row.is_being_checked:
        return (f"Handed on to a second assessor. {desk.learner.name} sees “Submitted” until the decisions count, and "
                "is told then.")  # fmt: skip
    decisions = row.decisions.filter(state=Decision.State.COUNTS)
    achieved = sum(decision.outcome == Decision.Outcome.ACHIEVED for decision in decisions)
    changes = len(desk.lines) - achieved
    parts = [f"{achieved} achieved"] * bool(achieved) + [f"{changes} with changes needed"] * bool(changes)
    return f"Released to {desk.learner.name}: {' and '.join(parts)}. They have been told."


def _lines(desk: Desk) -> list[tuple[Any, list[str]]]:
    """Each criterion with the titles of what its decision rests on, where the user may read it. What is on hold has
    no title (rule 4)."""
    rests = DecisionVersion.objects.filter(decision__submission=desk.submission).select_related("version")
    rows = list(rests.order_by("version_id"))
    held = held_versions({row.version_id for row in rows})
    relied: dict[int, list[str]] = {}
    for row in rows:
        title = "Evidence on hold" if row.version_id in held else row.version.title
        relied.setdefault(row.decision_id, []).append(f"{title} (version {row.version.number})")
    return [(line, relied.get(line.decision.pk, []) if line.decision and line.is_mine else []) for line in desk.lines]


class Then:
    """What happens to the decisions of a submission when they are released by somebody in this position."""

    def __init__(self, submission: Submission, position: Position, user: User) -> None:
        agreed = submission.decisions.filter(state=Decision.State.PENDING_SCRUTINY).first()
        self.scrutiny_for = position.scrutiny_for or (agreed.scrutiny_for if agreed else "")
        self.countersigning = position.countersigning
        self.dual_role = position.dual_role
        roles = [word for role, word in OTHER_ROLES.items() if role in position.facts.other_roles]
        self.roles = " and ".join(roles)
        self.kind = SecondCheck.Kind.COUNTERSIGN if self.countersigning else SecondCheck.Kind.SCRUTINY
        found = who_may_check(submission, self.kind) if self.is_checked else []
        self.checkers = [other.name for other in found if other.pk != user.pk]

    @property
    def is_checked(self) -> bool:
        """A second assessor is asked before the learner sees anything."""
        return self.countersigning or bool(self.scrutiny_for)
