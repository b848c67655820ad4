"""JSON as a stranger sends it, read strictly: what one parser takes and another does not is refused."""

import json
import math
from collections.abc import Iterator
from typing import Any

from . import limits


class Broken(ValueError):
    """It is no JSON that we take; the message says why, in words that go on after its name."""


def parse(data: bytes) -> Any:
    """What a JSON file says. A byte order mark is passed over. Raises Broken."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Broken("is not written in UTF-8.") from None
    try:
        found = json.loads(
            text, parse_constant=_constant, parse_float=_float, parse_int=_int, object_pairs_hook=_object
        )
    except Broken:
        raise
    except RecursionError:
        raise Broken("is nested too deeply.") from None
    except ValueError as error:
        line = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Broken(f"is not valid JSON{line}.") from None
    for path, value in walk(found):
        if isinstance(value, str) and not _is_text(value):
            raise Broken(f"holds characters that are no text, at {path or 'its top'}.")
    return found


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every value inside, each with its path ("questions[2].text"), in order. Raises Broken when it goes too deep."""
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        path, one, depth = waiting.pop()
        if depth > limits.JSON_DEPTH:
            raise Broken("is nested too deeply.")
        yield path, one
        inside: list[tuple[str, Any]] = []
        if isinstance(one, dict):
            inside = [(f"{path}.{key}" if path else key, item) for key, item in one.items()]
        elif isinstance(one, list):
            inside = [(f"{path}[{number}]", item) for number, item in enumerate(one)]
        waiting.extend((name, item, depth + 1) for name, item in reversed(inside))


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a pair
        return False
    return "\0" not in value


def _constant(name: str) -> Any:
    raise Broken(f"holds {name}, which is no number.")


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Broken(f"holds a number that is too large ({digits[:20]}).")
    return value


def _int(digits: str) -> int:
    if len(digits.lstrip("-")) > limits.JSON_DIGITS:
        raise Broken(f"holds a number that is too large ({digits[:20]}…).")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Broken(f"says “{twice[:60]}” twice.")
    if any(not _is_text(name) for name in found):
        raise Broken("holds names that are no text.")
    return found
