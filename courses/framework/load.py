"""Loading frameworks and the pathway from their data files. Loading twice changes nothing."""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db import transaction

from lms.audit.api import Action, record, stream_of
from lms.common.errors import Refused

from .models import Criterion, Framework, Outcome, Pathway, PathwayLevel, Section


def load_file(name: str, text: str, *, at: datetime) -> str:
    """Loads a specification or the pathway, whichever the text holds; returns what happened in a sentence.

    Raises Refused when the file is not understood, or would change a published framework.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refused("not-json", f"{name} is not JSON: {error}") from error
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    if "sections" in data:
        return load_framework(name, data, digest, at=at)
    if "levels" in data:
        return load_pathway(name, data, digest)
    raise Refused("not-a-framework", f"{name} has neither sections nor levels.")


def load_framework(code: str, data: dict[str, Any], digest: str, *, at: datetime) -> str:
    """Loads and publishes a specification in one transaction, after counting its parts against its own counts."""
    with transaction.atomic():
        existing = Framework.objects.filter(code=code).first()
        if existing:
            if existing.source_digest == digest:
                return f"{existing} is loaded already: nothing changed."
            raise Refused(
                "framework-published",
                f"{code} is published and the file differs from it. A new edition needs a code of its own.",
            )
        framework = Framework.objects.create(
            code=code, title=data["title"], publisher=data["publisher"], edition=data["edition"],
            first_published=date.fromisoformat(data["first_published"]), level=data["level"], sector=data["sector"],
            standing=data["status"], licence=data["licence"], attribution=data["attribution"],
            codes_note=data.get("codes", ""), source_digest=digest,
        )  # fmt: skip
        counts = _load_parts(framework, data["sections"])
        if counts != data["counts"]:
            raise Refused("framework-counts", f"{code} holds {counts} but says that it holds {data['counts']}.")
        framework.published_at = at
        framework.save(update_fields=["published_at"])
        record(
            stream_of("framework", framework.pk), Action.FRAMEWORK_PUBLISHED, by=None, role="system",
            subject=f"framework:{framework.pk}", at=at, changes={"code": code, "digest": digest},
        )  # fmt: skip
    return f"{framework}: {counts['sections']} sections, {counts['outcomes']} outcomes, {counts['criteria']} criteria."


def _load_parts(framework: Framework, sections: list[dict[str, Any]]) -> dict[str, int]:
    outcome_position = criterion_position = 0
    for section_position, part in enumerate(sections, 1):
        section = Section.objects.create(
            framework=framework, code=part["code"], title=part["title"], position=section_position
        )
        for item in part["outcomes"]:
            outcome_position += 1
            outcome = Outcome.objects.create(
                framework=framework, section=section, code=item["code"], text=item["text"], kind=item["kind"],
                list_force=item.get("list_force", ""), note=item.get("note", ""), footnote=item.get("footnote", ""),
                position=outcome_position,
            )  # fmt: skip
            for criterion in item["criteria"]:
                criterion_position += 1
                Criterion.objects.create(
                    framework=framework, outcome=outcome, code=criterion["code"], text=criterion["text"],
                    position=criterion_position,
                )  # fmt: skip
    return {"sections": len(sections), "outcomes": outcome_position, "criteria": criterion_position}


def load_pathway(code: str, data: dict[str, Any], digest: str) -> str:
    """Loads the levels 3 to 7 of both sectors; an unchanged file changes nothing."""
    with transaction.atomic():
        if Pathway.objects.filter(code=code, source_digest=digest).exists():
            return "The pathway is loaded already: nothing changed."
        pathway, _ = Pathway.objects.update_or_create(
            code=code,
            defaults={
                "source": data["source"],
                "reading": data["how_to_read"],
                "ambiguities": data["ambiguities"],
                "differentiation": data["differentiation"],
                "top_up_modules": data["top_up_modules"],
                "source_digest": digest,
            },  # fmt: skip
        )
        for item in data["levels"]:
            PathwayLevel.objects.update_or_create(
                pathway=pathway, sector=item["sector"], level=item["level"],
                defaults={
                    "tiers": item["tiers"], "entry": item["entry"], "duration_months": item["duration_months"],
                    "mode": item["mode"], "support": item["support"], "sources": item["sources"],
                    "area_senco_assessor": item["area_senco_assessor"], "teacher_status": item["teacher_status"],
                    "delivery_models": item["delivery_models"], "ambiguity_codes": item["ambiguities"],
                },
            )  # fmt: skip
    return f"Pathway: {len(data['levels'])} levels."
