"""How the product says no."""


class Refused(Exception):
    """A rule or a right stands in the way: nothing was changed, and `message` says why in the user's words.

    `code` is stable, for tests and screens ("rule-07-feedback-missing"); `fix_url`, if given, is where it is mended.
    """

    def __init__(self, code: str, message: str, *, fix_url: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix_url = fix_url


class SeveralRefused(Refused):
    """Several reasons at once, so that a person sees all that is missing in one go."""

    def __init__(self, reasons: list[Refused]) -> None:
        super().__init__(reasons[0].code, " ".join(reason.message for reason in reasons))
        self.reasons = reasons


def reasons_of(refusal: Refused) -> list[Refused]:
    """The single reasons behind a refusal, for an error summary."""
    return list(getattr(refusal, "reasons", [refusal]))
