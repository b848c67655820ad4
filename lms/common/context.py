"""What every page's frame needs: who is signed in, their homes, what is new, and whether this is a demonstration."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

PRODUCT_NAME = "SENCO Pathway"
DEMO_PEOPLE = [
    {"email": "trainee@demo.example", "label": "Trainee", "does": "studies, adds evidence and submits it"},
    {"email": "assessor@demo.example", "label": "Assessor", "does": "judges evidence and signs off criteria"},
    {"email": "tutor@demo.example", "label": "Tutor", "does": "comments on drafts, never assesses"},
    {
        "email": "area-senco@demo.example",
        "label": "Area SENCO",
        "does": "supports settings, assesses some trainees",
    },
    {"email": "iqa@demo.example", "label": "Lead IQA", "does": "checks that assessment is fair, inside the centre"},
    {"email": "eqa@demo.example", "label": "EQA", "does": "reads the specification and the courses"},
    {"email": "author@demo.example", "label": "Author", "does": "writes the course and its tasks"},
    {"email": "reviewer@demo.example", "label": "Reviewer", "does": "reads drafts of lessons and comments on them"},
    {"email": "publisher@demo.example", "label": "Publisher", "does": "publishes lessons, answers for the course"},
    {
        "email": "authority@demo.example",
        "label": "Local authority",
        "does": "follows the cohort’s progress, adds local information",
    },
    {
        "email": "admin@demo.example",
        "label": "Centre administrator",
        "does": "sees the centre’s cohorts, settles learner numbers",
    },
    {
        "email": "data-protection@demo.example",
        "label": "Data protection",
        "does": "settles evidence in which a child may be recognised",
    },
    {
        "email": "safeguarding@demo.example",
        "label": "Safeguarding lead",
        "does": "reads concerns for a child’s safety",
    },
]


class Shell:
    """The frame of one page. Each value is worked out only if a template asks: nobody signed in, no query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def user(self) -> Any:
        """The person signed in, or None."""
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def nav(self) -> list[dict]:
        """Links of the header, homes and notices: key, label, url, and current when this page lies under it (of several
        that match, the longest)."""
        if self.user is None:
            return []
        links = [(home.key, home.label, home.url) for home in self.user.homes]
        links.append(("notices", "Notices", reverse("notices")))
        here = max((url for _, _, url in links if self._request.path.startswith(url)), key=len, default=None)
        return [{"key": key, "label": label, "url": url, "current": url == here} for key, label, url in links]

    @cached_property
    def initials(self) -> str:
        """Two letters for the account menu."""
        words = self.user.name.split() if self.user else []
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @cached_property
    def unread(self) -> int:
        """Notices that the person has not read."""
        return self.user.unread_notices if self.user else 0

    @property
    def name(self) -> str:
        """The product's name."""
        return PRODUCT_NAME

    @property
    def demo(self) -> bool:
        """True only under the demonstration settings."""
        return settings.DEMO

    @property
    def demo_people(self) -> list[dict]:
        """People to sign in as, in the demonstration only."""
        return DEMO_PEOPLE if settings.DEMO else []


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}
