"""The glossary: every word explained, to look up by letter or to search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .glossary import ALPHABET, by_letter, searched, terms_for

LONGEST_QUERY = 80


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Public. Somebody who studies or makes a course sees its organisation's own words, too."""
    terms = terms_for(request.user if request.user.is_authenticated else None)
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    letters = by_letter(terms)
    context = {
        "query": query, "hits": searched(terms, query) if query else [], "letters": letters, "count": len(terms),
        "alphabet": [(letter, any(entry.letter == letter for entry in letters)) for letter in ALPHABET],
    }  # fmt: skip
    return render(request, "courses/glossary.html", context)
