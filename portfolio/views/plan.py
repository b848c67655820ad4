"""The development plan: goals from the gaps of a skills check, what is done for them, and what came of it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.delivery.api import Registration, current_registration
from lms.common.conflicts import bases_in, refused_answer, saved_answer
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.domain.plan import TEXTS, finish_goal, remove_goal, reopen_goal, save_goal, write_goal
from portfolio.forms_skills import GoalForm, PlanForm
from portfolio.models import DevelopmentGoal
from portfolio.queries_skills import checks_of, goals_of, outcomes_of, result_of, suggested

from .access import user_of
from .step import METHODS

SUGGESTED = 5


@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The learner's plan: goals to reach, goals reached, and what the latest skills check suggests."""
    registration, user = current_registration(request), user_of(request)
    goals = goals_of(registration, user)
    result = result_of(registration, checks_of(registration, user))
    context = {
        "registration": registration, "is_open": registration.state in Registration.OPEN_STATES,
        "goals": [goal for goal in goals if not goal.done_on], "done": [goal for goal in goals if goal.done_on],
        "suggested": suggested(result, goals)[:SUGGESTED], "result": result, "today": timezone.localdate(),
        "tab": "plan",
    }  # fmt: skip
    return render(request, "portfolio/skills_plan.html", context)


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Puts a suggested outcome into the plan with one press. A refusal gets its own page (409)."""
    registration = current_registration(request)
    code = request.POST.get("outcome", "")
    outcome = next((row for row in outcomes_of(registration).values() if row.code == code), None)

    def act() -> str:
        if outcome is None:
            raise Refused("outcome-unknown", "This statement does not belong to your qualification.")
        goal = write_goal(registration, outcome_id=outcome.pk, by=user_of(request), at=timezone.now())
        messages.success(request, f"{outcome.code} is in your plan. Now say what you will do, and by when.")
        return f"{reverse('portfolio:plan')}#goal-{goal.ref}"

    return act_once(request, act)


@login_required
@require_http_methods(METHODS)
def new(request: HttpRequest) -> HttpResponse:
    """A goal in the learner's own words."""
    registration = current_registration(request)
    form = GoalForm(request.POST or None)
    reasons: list[Refused] = []
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            goal = write_goal(registration, goal=form.cleaned_data["goal"], by=user_of(request), at=timezone.now())
            return reverse("portfolio:goal", args=[goal.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    status = 422 if request.method == "POST" else 200
    return render(request, "portfolio/skills_goal_new.html", {"form": form, "reasons": reasons}, status=status)


def _own_goal(request: HttpRequest, ref: UUID) -> DevelopmentGoal:
    """A goal of the person's own plan."""
    mine = DevelopmentGoal.objects.visible_to(user_of(request))
    return get_object_or_404(mine.select_related("outcome", "registration"), ref=ref)


@login_required
@require_http_methods(METHODS)
def edit(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A goal: what to do, by when, what came of it. Idempotent by nature: the last words stay. A date that is wrong
    does not keep the words from being saved."""
    goal = _own_goal(request, ref)
    form = PlanForm(request.POST if request.method == "POST" else None, initial=PlanForm.of(goal))
    reasons: list[Refused] = []
    if request.method == "POST":
        form.is_valid()
        now, by = timezone.now(), user_of(request)
        try:
            save_goal(goal, by=by, at=now, bases=bases_in(request.POST), **form.cleaned_data)
            if request.POST.get("then") == "done" and form.is_valid():
                finish_goal(goal, by=by, at=now)
        except Refused as refusal:
            reasons = reasons_of(refusal)
        if not reasons and form.is_valid():
            messages.success(request, "Well done. It is marked as done." if request.POST.get("then") == "done"
                             else "Your plan is saved.")  # fmt: skip
            return redirect(f"{reverse('portfolio:plan')}#goal-{goal.ref}")
    for reason in reasons:
        if reason.code == "goal-result":
            reason.fix_url = "#id_result"
    context = {"goal": goal, "form": form, "reasons": reasons, "is_open": _is_open(goal)}
    return render(request, "portfolio/skills_goal.html", context, status=422 if request.method == "POST" else 200)


def _is_open(goal: DevelopmentGoal) -> bool:
    return goal.registration.state in Registration.OPEN_STATES


@login_required
@require_POST
def autosave(request: HttpRequest, ref: UUID) -> JsonResponse:
    """The words of a goal saved as they are typed. Idempotent by nature."""
    goal, bases = _own_goal(request, ref), bases_in(request.POST)
    form = PlanForm(request.POST)
    form.is_valid()
    posted = {name for name in form.fields if name in request.POST or f"{name}_day" in request.POST}
    if wrong := [name for name in TEXTS if name in posted & form.errors.keys()]:
        return JsonResponse({"message": f"Not saved: {form.errors[wrong[0]][0]}"}, status=422)
    typed = {name: value for name, value in form.cleaned_data.items() if name in posted}
    try:
        save_goal(goal, by=user_of(request), at=timezone.now(), bases=bases, **typed)
    except Refused as refusal:
        return refused_answer(refusal)
    texts = {name: typed[name] for name in TEXTS if name in typed and name in bases}
    return saved_answer(timezone.localtime().strftime("%H:%M"), texts)


@login_required
@require_POST
def reopen(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Takes back that a goal is done. A refusal gets its own page (409)."""

    def act() -> str:
        reopen_goal(_own_goal(request, ref), by=user_of(request), at=timezone.now())
        messages.success(request, "The goal is open again. What you wrote is still there.")
        return reverse("portfolio:goal", args=[ref])

    return act_once(request, act)


@login_required
@require_http_methods(METHODS)
def remove(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Asks, then takes a goal out of the plan. It is fetched inside the act: the same form posted again finds the
    first one's result."""
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            remove_goal(_own_goal(request, ref), by=user_of(request), at=timezone.now())
            messages.success(request, "The goal is removed from your plan.")
            return reverse("portfolio:plan")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"goal": _own_goal(request, ref), "reasons": reasons}
    return render(request, "portfolio/skills_goal_remove.html", context, status=422 if reasons else 200)
