"""Dual roles: an assessor declares, organisations set what is allowed, and a report shows every decision (rule 9)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessment.domain.dual_role import declare_dual_role, said, set_dual_role_policy
from assessment.domain.export import record_export
from assessment.forms_dual import RULE_HINTS, DeclareForm, DualPolicyForm, ExportForm, ReportFilter
from assessment.models import DualRolePolicy
from assessment.policies import dual_role_rule, facts_of, rule_for
from assessment.policies.facts import OTHER_ROLES
from assessment.policies.owners import may_set_dual_roles
from assessment.queries_dual import (
    dual_decisions,
    filters_of,
    history_of_dual_roles,
    may_report,
    policy_cards,
    settable_by,
    support_on_record,
)
from courses.delivery.api import Allocation, Registration, in_force
from lms.accounts.api import Organisation, User
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from lms.common.paging import keyset
from lms.common.tables import FORMATS, table_response
from portfolio.api import Submission

from .workspace import person

SIZE = 50
METHODS = ["GET", "HEAD", "POST"]
# What a rule means for the person who has declared a dual role.
MEANS = {
    "": "You may decide.",
    "allow": "You may decide. Your decisions count at once.",
    "always_sampled": "You may decide. Quality assurance looks at each of your decisions.",
    "second_scrutiny": "You may decide. Each decision counts once a second assessor has confirmed it.",
    "forbid": "Your policy does not allow you to decide: another assessor must.",
}
ROLE_WORDS = {"supports": "supports", "teaches": "teaches", "manages": "manages"}
HEADER = ("Decided on", "Trainee", "Cohort", "Criterion", "Result", "Decided by", "Their other roles", "Declared on",
          "Policy", "State", "Scrutinised by", "Scrutinised on", "Scrutiny")  # fmt: skip


@login_required
@require_http_methods(METHODS)
def declare(request: HttpRequest, ref: Any) -> HttpResponse:
    """The assessor says which other roles they have towards a learner. ?submission= leads back to the workspace. 404
    for a learner whom they do not see; PermissionDenied where they are not the assessor."""
    user = person(request)
    registration = _mine(user, ref)
    on_record, facts = support_on_record(user, registration), facts_of(user, registration)
    held = {role for role in ("supports", "teaches") if getattr(facts, role)}
    last = registration.dual_roles.filter(user=user).order_by("-pk").first()
    initial = {"roles": [role for role in OTHER_ROLES if last and getattr(last, role)],
               "detail": last.detail if last else ""}  # fmt: skip
    name = registration.learner.first_name
    form = DeclareForm(name, held, request.POST if request.method == "POST" else None, initial)
    reasons: list[Refused] = []
    back = _back(request, user)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            now = timezone.now()
            declare_dual_role(registration, form.cleaned_data["roles"], form.cleaned_data["detail"], by=user, at=now)
            rule = rule_for(user, facts_of(user, registration), registration, at=now)
            messages.success(request, f"Declared for a year. {MEANS[rule]}")
            return back

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    rule, award = dual_role_rule(registration)
    context = {
        "registration": registration, "form": form, "reasons": reasons, "on_record": on_record, "last": last,
        "is_valid": facts.declared is not None, "back": back, "rule": rule, "means": MEANS[rule], "award": award,
    }  # fmt: skip
    return render(request, "assessment/dual_declare.html", context, status=422 if reasons or form.errors else 200)


def _mine(user: User, ref: Any) -> Registration:
    rows = Registration.objects.visible_to(user).select_related("learner", "qualification", "cohort__local_authority")
    registration = get_object_or_404(rows, ref=ref)
    assessor = registration.allocations.filter(in_force(), user=user, role=Allocation.Role.ASSESSOR)
    if registration.learner_id == user.pk or not assessor.exists():
        raise PermissionDenied("Only the trainee’s assessor declares this.")
    return registration


def _back(request: HttpRequest, user: User) -> str:
    """The workspace that one came from, or where the declarations are listed."""
    ref = request.GET.get("submission", "")
    try:
        row = Submission.objects.visible_to(user).filter(ref=ref).first() if ref else None
    except ValueError:
        row = None
    return reverse("assessment:workspace", args=[row.ref]) if row else reverse("assessment:learners")


@login_required
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """What dual roles are allowed: the pathway's default, what the awarding organisation and the authority set, and
    what holds, tier by tier; and the history. Raises PermissionDenied for who has no cohort and sets nothing."""
    user, now = person(request), timezone.now()
    owners, cards = settable_by(user), policy_cards(user, at=now)
    if not owners and not cards:
        raise PermissionDenied("This page is for awarding organisations, authorities and centres.")
    shown = {pk for card in cards for pk in (card.awarding.pk, card.authority.pk if card.authority else 0) if pk}
    shown |= {owner.pk for owner in owners}
    history = keyset(request, history_of_dual_roles(shown, until=now), ["-in_force_from", "-pk"], size=SIZE)
    context = {"cards": cards, "owners": owners, "tiers": DualRolePolicy.Tier.choices, "history": history,
               "hints": RULE_HINTS, "reports": may_report(user)}  # fmt: skip
    return render(request, "assessment/dual_policies.html", context)


@login_required
@require_http_methods(METHODS)
def set_policy(request: HttpRequest, pk: int, tier: str) -> HttpResponse:
    """An awarding organisation or an authority changes what one tier allows. 404 for another's."""
    user, now = person(request), timezone.now()
    if tier not in DualRolePolicy.Tier.values:
        raise Http404
    owner = get_object_or_404(Organisation, pk=pk)
    if not may_set_dual_roles(user, owner):
        raise Http404
    last = history_of_dual_roles([owner.pk], until=now, tier=tier).first()
    sent = request.POST if request.method == "POST" else None
    initial = {"rule": last.rule, "national_award": last.national_award} if last else None
    form, reasons = DualPolicyForm(sent, initial=initial), []
    words = DualRolePolicy.Tier(tier).label
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            made = set_dual_role_policy(owner, tier, **form.cleaned_data, by=user, at=timezone.now())
            messages.success(request, f"{words}: {made.get_rule_display()}. It holds from now on.")
            return reverse("assessment:dual_role_policies")

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {"owner": owner, "tier": words, "last": last, "form": form, "reasons": reasons}
    return render(request, "assessment/dual_policy_set.html", context, status=422 if reasons or form.errors else 200)


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Every decision made by somebody with a dual role, the latest first; filters by cohort, person and policy."""
    user = _reporter(request)
    form, chosen = _narrowed(request, user)
    rows = dual_decisions(user, chosen=chosen)
    page = keyset(request, rows, ["-decided_on", "-pk"], size=SIZE)
    total = rows.count()
    for row in page:
        row.other_roles = other_roles(row)
    context = {"form": form, "chosen": chosen, "page": page, "total": total, "formats": FORMATS}
    return render(request, "assessment/dual_report.html", context)


@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The report as CSV or Excel, narrowed as the page is. It carries personal data out, so it is a POST and goes on
    record; the same file again on the same day is the same act, so that it needs no once-token."""
    user = _reporter(request)
    _, chosen = _narrowed(request, user)
    sent = ExportForm(request.POST)
    kind = sent.cleaned_data["form"] if sent.is_valid() else "csv"
    rows = dual_decisions(user, chosen=chosen).order_by("-decided_on", "-pk")
    owners = {m.organisation_id for m in user.current_memberships} & set(
        rows.order_by().values_list("registration__centre", flat=True).distinct()
    )
    owners = owners or {m.organisation_id for m in user.current_memberships}
    record_export("dual-role", owners, form=kind, asked=chosen, by=user, role="report", at=timezone.now())
    return table_response(kind, "Dual-role decisions", HEADER, (_cells(row) for row in rows.iterator(500)))


def _reporter(request: HttpRequest) -> User:
    user = person(request)
    if not may_report(user):
        raise PermissionDenied("This report is for lead internal quality assurers, cohort managers and awarding "
                               "organisations.")  # fmt: skip
    return user


def _narrowed(request: HttpRequest, user: User) -> tuple[ReportFilter, dict[str, Any]]:
    form = ReportFilter(request.GET, *filters_of(user))
    return form, form.chosen


def other_roles(row: Any) -> str:
    """The decider's other roles in words: "supports and teaches"."""
    return said([role for role in OTHER_ROLES if getattr(row, f"said_{role}")], ROLE_WORDS)


def _cells(row: Any) -> list[Any]:
    cohort = row.registration.cohort
    agreed = {True: "Confirmed", False: "Not confirmed", None: ""}[row.agreed]
    return [
        row.decided_on, row.registration.learner.name, cohort.name if cohort else "", row.criterion.code,
        row.get_outcome_display() if row.released_at else "", row.decider.name, other_roles(row), row.said_at,
        DualRolePolicy.Rule(row.dual_role).label, row.get_state_display(), row.scrutineer, row.scrutinised_at, agreed,
    ]  # fmt: skip
