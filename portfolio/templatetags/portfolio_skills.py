"""Words of the pages on a learner's own development."""

from django import template

from portfolio.queries_skills import in_words

register = template.Library()


@register.filter
def duration(minutes: int) -> str:
    """A length of time as people say it: "1 hour 30 minutes"."""
    return in_words(minutes)
