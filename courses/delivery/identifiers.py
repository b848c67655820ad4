"""The unique learner number (domain.md, identifiers; rule 40)."""

import re

from django.core.exceptions import ValidationError

NOT_YET_KNOWN = "9999999999"


def is_valid_uln(value: str) -> bool:
    """10 digits, the first not 0, with digit x (10, 9 ... 1) summing to 10 modulo 11; or "not yet known"."""
    if not re.fullmatch(r"[1-9]\d{9}", value, flags=re.ASCII):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value, range(10, 0, -1), strict=True))
    return value == NOT_YET_KNOWN or total % 11 == 10


def validate_uln(value: str) -> None:
    """Raises ValidationError in the user's words when the number cannot be right."""
    if not is_valid_uln(value):
        raise ValidationError("This is not a unique learner number. It has 10 digits: check each one.")
