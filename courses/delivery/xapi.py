"""Statements of activities (xAPI) as they come from a browser: checked, cut to what is known, put in order. Pure: knows
no tables. A browser may say anything; what is kept is only ever study progress."""

import json
import math
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lms.common.errors import Refused

MOST_BYTES = 256 * 1024  # one message: a statement of the whole and those of its parts
MOST_STATEMENT = 64 * 1024
MOST_STATEMENTS = 200
MOST_STATE = 512 * 1024
LONGEST_VERB = 200
HIGHEST = 1_000_000.0
VERBS = {
    name: f"http://adlnet.gov/expapi/verbs/{name}"
    for name in ("answered", "asked", "attempted", "completed", "exited", "experienced", "failed", "initialized",
                 "interacted", "launched", "mastered", "passed", "progressed", "resumed", "scored", "suspended",
                 "terminated")
} | {
    "consumed": "http://activitystrea.ms/schema/1.0/consume",
    "accessed-copyright": "http://adlnet.gov/expapi/verbs/accessed-copyright",
    "accessed-embed": "http://adlnet.gov/expapi/verbs/accessed-embed",
    "accessed-reuse": "http://adlnet.gov/expapi/verbs/accessed-reuse",
    "downloaded": "http://id.tincanapi.com/verb/downloaded",
}  # fmt: skip
# Other addresses under which activities in use say the same.
ALSO = {"http://activitystrea.ms/schema/1.0/consumed": "consumed",
        "http://adlnet.gov/expapi/verbs/consumed": "consumed",
        "http://adlnet.gov/expapi/verbs/downloaded": "downloaded"}  # fmt: skip
KNOWN = {address: name for name, address in VERBS.items()} | ALSO
WHOLE_IS_DONE = {"answered", "completed", "passed", "failed", "mastered"}
PASSED = {"passed", "mastered"}
SUB_CONTENT = "http://h5p.org/x-api/h5p-subContentId"
DEFINITION = ("name", "description", "type", "interactionType", "correctResponsesPattern", "choices", "scale", "source",
              "target", "steps")  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A statement as it is kept. `part`: the sub-content it is about, "" for the whole; `completes`: with it the whole
    activity is done; `passes`: and passed."""

    key: UUID
    verb: str
    part: str
    name: str
    is_root: bool
    raw: float | None
    maximum: float | None
    scaled: float | None
    success: bool | None
    statement: dict[str, Any] = field(hash=False)

    @property
    def completes(self) -> bool:
        """Root completion: the whole says that it is done, or was read or watched through."""
        return self.verb == "consumed" or (self.is_root and self.verb in WHOLE_IS_DONE)

    @property
    def passes(self) -> bool | None:
        """What it says of passing; None when it says nothing."""
        if self.verb in PASSED:
            return True
        return False if self.verb == "failed" else self.success


def read_message(message: str) -> list[Said]:
    """The statements of a message {"statements": [{"key", "statement"}, …]}. Raises Refused for the whole message when
    one of them is not one: nothing of it is kept."""
    if len(message.encode("utf-8", "ignore")) > MOST_BYTES:
        raise Refused("statement-large", "Not kept: this statement is too large.")
    rows = read_json(message).get("statements")
    if not isinstance(rows, list) or not rows or len(rows) > MOST_STATEMENTS:
        raise Refused("statement-none", "Not kept: there is no statement in it, or too many.")
    said = [_said(row) for row in rows]
    if len({one.key for one in said}) < len(said):
        raise Refused("statement-key", "Not kept: two statements have one number.")
    return said


def read_json(message: str) -> dict[str, Any]:
    """The object in a message. Raises Refused for what is none, and for NaN and Infinity, which JSON does not have."""
    try:
        found = json.loads(message, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("statement-json", "Not kept: this is not a statement.") from None
    if not isinstance(found, dict):
        raise Refused("statement-json", "Not kept: this is not a statement.")
    return found


def _no_number(name: str) -> float:
    raise Refused("statement-number", f"Not kept: {name} is not a number.")


def _said(row: Any) -> Said:
    statement = row.get("statement") if isinstance(row, dict) else None
    if not isinstance(statement, dict):
        raise Refused("statement-json", "Not kept: this is not a statement.")
    if len(json.dumps(statement, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MOST_STATEMENT:
        raise Refused("statement-large", "Not kept: this statement is too large.")
    verb = _verb(statement.get("verb"))
    part, parent = _part(statement), _of(statement, "context", "contextActivities", "parent")
    result, score = _result(statement)
    definition = _definition(statement)
    kept = {
        "verb": {"id": VERBS[verb], "display": {"en": verb}}, "object": {"definition": definition}, "result": result,
        "context": {"library": _library(statement)},
    }  # fmt: skip
    return Said(
        _key(row.get("key")), verb, part, _words(definition.get("name") or definition.get("description"))[:255],
        not parent and not part, score.get("raw"), score.get("max"), score.get("scaled"), result.get("success"), kept,
    )  # fmt: skip


def _key(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise Refused("statement-key", "Not kept: this statement has no number of its own.") from None


def _verb(verb: Any) -> str:
    address = verb.get("id") if isinstance(verb, dict) else None
    if not isinstance(address, str) or len(address) > LONGEST_VERB:
        raise Refused("verb-long", "Not kept: the statement’s verb is missing or too long.")
    if address not in KNOWN:
        raise Refused("verb-unknown", "Not kept: the statement’s verb is not one that activities use.")
    return KNOWN[address]


def _of(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _part(statement: dict[str, Any]) -> str:
    extensions = _of(statement, "object", "definition", "extensions")
    found = extensions.get(SUB_CONTENT) if isinstance(extensions, dict) else None
    if not found:
        _, _, found = str(_of(statement, "object", "id") or "").partition("subContentId=")
    return _clean(found)[:64] if isinstance(found, str) else ""


def _library(statement: dict[str, Any]) -> str:
    found = _of(statement, "context", "contextActivities", "category")
    first = found[0] if isinstance(found, list) and found else None
    return _clean(_of(first, "id"))[:255]


def _result(statement: dict[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
    asked = statement.get("result")
    if asked is None:
        return {}, {}
    if not isinstance(asked, dict):
        raise Refused("statement-result", "Not kept: the statement’s result is not one.")
    score = _score(asked.get("score"))
    result: dict[str, Any] = {"score": score} if score else {}
    for name in ("success", "completion"):
        if isinstance(asked.get(name), bool):
            result[name] = asked[name]
    for name, most in (("response", 20_000), ("duration", 40)):
        if isinstance(asked.get(name), str | int | float):
            result[name] = _clean(str(asked[name]))[:most]
    return result, score


def _score(asked: Any) -> dict[str, float]:
    """Raw points within 0 and the most, and the part of them that the server worked out. Raises Refused for what is no
    number."""
    if asked is None:
        return {}
    if not isinstance(asked, dict):
        raise Refused("statement-score", "Not kept: the statement’s score is not one.")
    given = {name: _number(asked[name]) for name in ("raw", "max", "scaled") if asked.get(name) is not None}
    score: dict[str, float] = {}
    if "max" in given:
        score["max"] = min(max(given["max"], 0.0), HIGHEST)
    if "raw" in given:
        score["raw"] = min(max(given["raw"], 0.0), score.get("max", HIGHEST))
    if score.get("max") and "raw" in score:
        score["scaled"] = score["raw"] / score["max"]
    elif "scaled" in given:
        score["scaled"] = min(max(given["scaled"], 0.0), 1.0)
    return score


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("statement-number", "Not kept: a score is not a number.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Refused("statement-number", "Not kept: a score is not a number.")
    return number


def _definition(statement: dict[str, Any]) -> dict[str, Any]:
    asked = _of(statement, "object", "definition")
    if not isinstance(asked, dict):
        return {}
    return {name: _plain(asked[name]) for name in DEFINITION if name in asked}


def _plain(value: Any, depth: int = 0) -> Any:
    """The same without characters that a database does not keep, and not deeper than statements go."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list) and depth < 6:
        return [_plain(one, depth + 1) for one in value]
    if isinstance(value, dict) and depth < 6:
        return {_clean(str(name)): _plain(one, depth + 1) for name, one in value.items()}
    return value if isinstance(value, bool | int) or value is None or _is_finite(value) else None


def _is_finite(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _clean(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _words(value: Any) -> str:
    """A language map's words."""
    if isinstance(value, dict):
        value = next((text for text in value.values() if isinstance(text, str) and text.strip()), "")
    return " ".join(str(value or "").split())
