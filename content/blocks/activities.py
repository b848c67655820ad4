"""What a trainee does in a lesson: decides, answers, thinks, tries, ticks off."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks

from content import marking, scenarios
from content.fields import INNER_FEATURES, SafeRichTextBlock
from content.made import as_written, question_of, scenario_of

KINDS = [
    ("single", "One right answer"), ("multiple", "Several right answers"), ("ordering", "Put in order"),
    ("matching", "Match pairs"), ("short", "In your own words"),
]  # fmt: skip


def check_faults(faults: list[str]) -> None:
    """Says in the editor, above the block, all that keeps it from working."""
    if faults:
        raise blocks.StructBlockValidationError(non_block_errors=[ValidationError(fault) for fault in faults])


class ChoiceBlock(blocks.StructBlock):
    """A choice at a step of a scenario: what follows from it, and the step it leads to."""

    text = blocks.CharBlock(max_length=300)
    feedback = SafeRichTextBlock(features=INNER_FEATURES)
    goes_to = blocks.CharBlock(max_length=40, help_text="The name of the step that follows.")


class StepBlock(blocks.StructBlock):
    """A step of a scenario: either choices, or an ending."""

    name = blocks.RegexBlock(
        regex=r"^[a-z0-9-]{1,40}$", error_messages={"invalid": "Small letters, numbers and hyphens, for example: talks"}
    )
    text = SafeRichTextBlock(features=INNER_FEATURES)
    choices = blocks.ListBlock(ChoiceBlock(), max_num=4, default=[])
    ending = SafeRichTextBlock(features=INNER_FEATURES, required=False)


class ScenarioBlock(blocks.StructBlock):
    """Somebody's day that branches with what the reader chooses. The first step is where it starts."""

    title = blocks.CharBlock(max_length=160)
    steps = blocks.ListBlock(StepBlock(), min_num=2, max_num=40)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not self.is_deferred_validation:  # a draft may be half written
            check_faults(scenarios.faults_of(scenario_of(cleaned, as_written)))
        return cleaned

    class Meta:
        icon = "resubmit"
        template = "content/live/scenario.html"


class OptionBlock(blocks.StructBlock):
    """An answer to choose from, whether it is right, and what it teaches."""

    text = blocks.CharBlock(max_length=400)
    is_right = blocks.BooleanBlock(required=False)
    feedback = SafeRichTextBlock(features=INNER_FEATURES)


class PairBlock(blocks.StructBlock):
    """Two things that belong together, and why."""

    item = blocks.CharBlock(max_length=200)
    match = blocks.CharBlock(max_length=200)
    feedback = SafeRichTextBlock(features=INNER_FEATURES, required=False)


class CheckBlock(blocks.StructBlock):
    """A question that teaches: single or multiple (options), ordering (items), matching (pairs), short (a model answer
    beside one's own). What belongs to another kind stays empty."""

    kind = blocks.ChoiceBlock(choices=KINDS, default="single")
    question = SafeRichTextBlock(features=INNER_FEATURES)
    options = blocks.ListBlock(OptionBlock(), max_num=6, default=[])
    items = blocks.ListBlock(blocks.CharBlock(max_length=200), max_num=8, default=[],
                             help_text="In the right order: the page shuffles them.")  # fmt: skip
    pairs = blocks.ListBlock(PairBlock(), max_num=6, default=[])
    model = SafeRichTextBlock(features=INNER_FEATURES, required=False, label="Model answer")
    look_for = blocks.ListBlock(blocks.CharBlock(max_length=200), max_num=6, default=[],
                                label="What a good answer has")  # fmt: skip
    feedback = SafeRichTextBlock(features=INNER_FEATURES, required=False,
                                 help_text="After an answer, whichever it was.")  # fmt: skip
    wrong = SafeRichTextBlock(features=INNER_FEATURES, required=False,
                              help_text="Ordering and matching: what to look at again.")  # fmt: skip

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not self.is_deferred_validation:  # a draft may be half written
            check_faults(marking.faults_of(question_of(cleaned, as_written)))
        return cleaned

    class Meta:
        icon = "help"
        template = "content/live/check.html"


class ReflectionBlock(blocks.StructBlock):
    """A question to think about. The answer is the trainee's alone until they make evidence of it, with these criteria
    linked (codes; none: the page's)."""

    prompt = SafeRichTextBlock(features=INNER_FEATURES)
    criteria = blocks.ListBlock(blocks.CharBlock(max_length=12), default=[],
                                help_text="Codes of statements, for example 1.7.a")  # fmt: skip

    class Meta:
        icon = "comment"
        template = "content/live/reflection.html"


class DraftBlock(blocks.StructBlock):
    """Something short to write and send to the tutor for comments: never a decision, never an attempt."""

    title = blocks.CharBlock(max_length=160, default="Try it, and ask for comments")
    prompt = SafeRichTextBlock(features=INNER_FEATURES)
    criteria = blocks.ListBlock(blocks.CharBlock(max_length=12), default=[])

    class Meta:
        icon = "mail"
        template = "content/live/draft.html"


class ActivityBlock(blocks.StructBlock):
    """Something to do in one's setting, with a sheet to print: each of its lines is a heading with room to write."""

    title = blocks.CharBlock(max_length=120)
    text = SafeRichTextBlock(features=INNER_FEATURES)
    sheet = blocks.ListBlock(blocks.CharBlock(max_length=200), max_num=20, default=[])

    class Meta:
        icon = "clipboard-list"
        template = "content/blocks/activity.html"


class ChecklistBlock(blocks.StructBlock):
    """A list to tick off; it stays ticked."""

    title = blocks.CharBlock(max_length=160)
    items = blocks.ListBlock(blocks.CharBlock(max_length=300), min_num=1, max_num=20)

    class Meta:
        icon = "tick"
        template = "content/live/checklist.html"
