"""The facts of a piece of evidence on a page."""

from django import template

from portfolio.asking import Facts, facts_of
from portfolio.models import EvidenceVersion

register = template.Library()


@register.simple_tag
def facts(version: EvidenceVersion) -> Facts:
    """What is known of a version besides its text, by name: see `portfolio.asking.facts_of`."""
    return facts_of(version)
