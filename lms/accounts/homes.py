"""Which homes a person's roles open. Rooms above add theirs with `register`, so that nothing here looks upwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

if TYPE_CHECKING:
    from .models import User


@dataclass(frozen=True)
class Home:
    """A link in the header: a stable key, its words and its address."""

    key: str
    label: str
    url: str


Opener = Callable[["User"], bool]
_homes: list[tuple[int, str, str, str, Opener]] = []


def register(position: int, key: str, label: str, url_name: str, opens_for: Opener) -> None:
    """Adds a home: `opens_for(user)` says who sees it. Positions order the header."""
    _homes.append((position, key, label, url_name, opens_for))
    _homes.sort(key=lambda home: home[0])


def homes_of(user: "User") -> list[Home]:
    """The homes of a signed-in person, in the header's order."""
    return [Home(key, label, reverse(name)) for _, key, label, name, opens in _homes if opens(user)]
