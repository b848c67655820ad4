"""Export of a framework as an IMS CASE 1.1 CFPackage, which other systems read."""

import uuid
from typing import Any

from django.conf import settings

from lms.common.errors import Refused

from .models import Framework

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "senco-pathway.frameworks")


def _identifier(framework: Framework, kind: str, code: str) -> str:
    # The kind is part of the name: 25 outcome codes equal their criterion's code.
    return str(uuid.uuid5(NAMESPACE, f"{framework.code}/{kind}/{code}"))


def case_package(code: str) -> dict[str, Any]:
    """The framework as a CASE 1.1 package: one item for each section, outcome and criterion, and their tree.

    What CASE has no word for (kind, list_force) stands under `extensions`. Raises Refused for an unknown code.
    """
    framework = Framework.objects.filter(code=code).first()
    if framework is None or framework.published_at is None:
        raise Refused("framework-unknown", f"There is no published framework with the code {code}.")
    changed = framework.published_at.isoformat()
    base = f"{settings.SITE_ADDRESS}/frameworks/{framework.code}"

    def link(identifier: str, title: str) -> dict[str, str]:
        return {"title": title, "identifier": identifier, "uri": f"{base}/{identifier}"}

    document = _identifier(framework, "document", framework.code)
    items: list[dict[str, Any]] = []
    associations: list[dict[str, Any]] = []

    def add(kind: str, row: Any, text: str, parent: dict[str, str], **more: Any) -> dict[str, str]:
        identifier = _identifier(framework, kind, row.code)
        items.append(
            {
                "identifier": identifier,
                "uri": f"{base}/{identifier}",
                "fullStatement": text,
                "humanCodingScheme": row.code,
                "CFItemType": kind.capitalize(),
                "language": "en-GB",
                "lastChangeDateTime": changed,
                **more,
            }  # fmt: skip
        )
        own, tie = link(identifier, f"{row.code} {text}"), _identifier(framework, f"{kind}-in-parent", row.code)
        associations.append(
            {
                "identifier": tie,
                "associationType": "isChildOf",
                "uri": f"{base}/{tie}",
                "originNodeURI": own,
                "destinationNodeURI": parent,
                "sequenceNumber": row.position,
                "lastChangeDateTime": changed,
            }  # fmt: skip
        )
        return own

    root = link(document, framework.title)
    for section in framework.sections.prefetch_related("outcomes__criteria"):
        section_link = add("section", section, section.title, root)
        for outcome in section.outcomes.all():
            extra = {"kind": outcome.kind, "list_force": outcome.list_force or None}
            notes = {"notes": outcome.note} if outcome.note else {}
            outcome_link = add("outcome", outcome, outcome.text, section_link, extensions=extra, **notes)
            for criterion in outcome.criteria.all():
                add("criterion", criterion, criterion.text, outcome_link, extensions={"kind": outcome.kind})
    return {
        "CFDocument": _document(framework, document, base, changed),
        "CFItems": items,
        "CFAssociations": associations,
    }


def _document(framework: Framework, identifier: str, base: str, changed: str) -> dict[str, Any]:
    return {
        "identifier": identifier, "uri": base, "creator": framework.publisher, "publisher": framework.publisher,
        "title": framework.title, "version": framework.edition, "caseVersion": "1.1", "language": "en-GB",
        "description": framework.attribution, "notes": framework.codes_note, "lastChangeDateTime": changed,
        "extensions": {"level": framework.level, "sector": framework.sector, "licence": framework.licence,
                       "standing": framework.standing},
    }  # fmt: skip
