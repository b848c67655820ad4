"""A reflection or a draft for the tutor, written in a lesson, made into evidence."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from courses.delivery.api import StudyAnswer
from courses.framework.api import Criterion
from courses.pages.models import StudyPage
from courses.pages.queries import address, covered_by, live_block, live_study_page
from lms.common.errors import Refused, reasons_of
from lms.common.once import act_once
from portfolio.domain.reflections import evidence_of, reflection_evidence

from .access import user_of
from .step import METHODS

OWN_WORDS = (StudyAnswer.Kind.REFLECTION, StudyAnswer.Kind.DRAFT)


def _own_answer(request: HttpRequest, page_id: int, block_id: UUID) -> StudyAnswer:
    """What the person wrote in that reflection or draft, last if they are registered twice; 404 for whoever wrote
    nothing."""
    rows = StudyAnswer.objects.filter(registration__learner=user_of(request), kind__in=OWN_WORDS)
    rows = rows.filter(page_id=page_id, block=block_id).select_related("registration__qualification")
    answer = rows.order_by("-saved_at").first()
    if answer is None:
        raise Http404
    return answer


def _criteria(page: StudyPage, block_id: UUID, answer: StudyAnswer) -> list[Criterion]:
    """What it is about: its own criteria; without any, the page's. Of the learner's framework only."""
    live = live_block(page, block_id)
    codes = live.made.criteria if live is not None and live.kind in OWN_WORDS else ()
    framework_id = answer.registration.qualification.framework_id
    rows = Criterion.objects.filter(framework_id=framework_id, code__in=codes) if codes else covered_by(page)
    return list(rows.filter(framework_id=framework_id).select_related("outcome").order_by("position"))


@login_required
@require_http_methods(METHODS)
def from_reflection(request: HttpRequest, page_id: int, block_id: UUID) -> HttpResponse:
    """Shows what the evidence would say and which criteria it would be linked to, then makes it: a draft that opens.
    Where one was made already, that one is offered."""
    answer = _own_answer(request, page_id, block_id)
    page = live_study_page(page_id)
    if page is None or not (answer.value.get("text", "").strip() or answer.evidence):
        raise Http404
    criteria = _criteria(page, block_id, answer)
    is_reflection = answer.kind == StudyAnswer.Kind.REFLECTION
    reasons: list[Refused] = []
    if request.method == "POST":

        def act() -> str:
            evidence = reflection_evidence(
                answer, title=f"{'Reflection' if is_reflection else 'Draft'}: {page.title}",
                criterion_ids=tuple(row.pk for row in criteria),
                by=user_of(request), at=timezone.now(),
            )  # fmt: skip
            messages.success(request, "It is a draft in your portfolio. Add to it if you like: nobody sees it before "
                             "you submit it.")  # fmt: skip
            return reverse("portfolio:evidence_write", args=[evidence.ref])

        try:
            return act_once(request, act)
        except Refused as refusal:
            reasons = reasons_of(refusal)
    context = {
        "page": page, "is_reflection": is_reflection,
        "back": f"{address(page)}#block-{block_id}", "answer": answer, "criteria": criteria,
        "evidence": evidence_of(answer, user_of(request)), "reasons": reasons,
    }  # fmt: skip
    return render(request, "portfolio/from_reflection.html", context, status=422 if reasons else 200)
