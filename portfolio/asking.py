"""What each kind of evidence asks for, in words of its own: for its form, its steps and the list of its facts."""

from dataclasses import dataclass, field

from .kinds import Kind
from .models import EvidenceVersion

Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """One field: its label, a hint, and how it is called where the answer is only read."""

    label: str
    hint: str = ""
    fact: str = ""


@dataclass(frozen=True)
class Asking:
    """What a kind asks. `step`: its step in a word or two. `task`: what to do there, in a list of tasks. `fields`: what
    it asks besides the text, in the order of its form. `prompts`: questions that the text answers. `takes_files`: a
    file may go with it."""

    step: str
    heading: str
    task: str
    text: Asked
    fields: dict[str, Asked] = field(default_factory=dict)
    prompts: tuple[str, ...] = ()
    takes_files: bool = True


DATE = "For example, 12 11 2026."
REFLECTIVE = Asking(
    "What happened", "What happened", "Write what happened",
    Asked("Your account", "Look back on one thing that you did. Write as you would tell a colleague. You can leave "
          "this empty and add a file instead."),
    {"happened_on": Asked("When did it happen? (optional)", f"{DATE} If it took some time, give the last day.",
                          "Happened on")},
    ("What happened?", "Why did you do it that way?", "What did you learn, and what will you do next time?"),
)  # fmt: skip
FROM_RECORDS = Asking(
    "In your words",
    "In your words",
    "Write what these records show",
    Asked("What do you want your assessor to know?", "What these records show, and where to look."),
    {"happened_on": Asked("From which day is it? (optional)", DATE, "From")},
)
ASKING: dict[str, Asking] = {
    Kind.REFLECTIVE_ACCOUNT: REFLECTIVE,
    Kind.WRITTEN_ANSWER: Asking(
        "Your answer", "Your answer", "Write your answer",
        Asked("Your answer", "In your own words, with examples from your setting. You can leave this empty and add a "
              "file instead."),
        {"source": Asked("Which question or task do you answer?", "In short. For example: Explain what “assess, plan, "
                         "do, review” means in your setting.", "Question or task")},
    ),
    Kind.CASE_STUDY: Asking(
        "Case study", "Your case study", "Write your case study",
        Asked("Your case study", "You can leave this empty and add a file instead."),
        {"happened_on": Asked("On which day does it end? (optional)", DATE, "Ends on")},
        ("What did you notice about the child or family, and over what time?", "What did you do, and with whom?",
         "What changed, and how do you know?"),
    ),
    Kind.WORK_PRODUCT: Asking(
        "What it is", "What you made or used", "Say what it is and how you used it",
        Asked("What is it, and how did you use it?", "Say what you used it for, with whom, and what came of it. You "
              "add the file in the next step. Take the names out first."),
        {"happened_on": Asked("When did you use it? (optional)", f"{DATE} If you used it for some time, give the last "
                              "day.", "Used on")},
    ),
    Kind.CERTIFICATE: Asking(
        "The award", "Your certificate or prior learning", "Say what you use from it",
        Asked("What do you use from it?", "What you learned there, and how you use it in your work now. You add the "
              "certificate itself in the next step."),
        {"source": Asked("Who awarded it?", "The organisation that gave the course or the qualification.",
                         "Awarded by"),
         "happened_on": Asked("When was it awarded?", DATE, "Awarded on")},
    ),
    Kind.HELD_IN_SETTING: Asking(
        "The document", "A document held in your setting", "Say what the document is",
        Asked("What is the document, and what does it show?", "Describe it without naming a child. For example: the "
              "support plan that I wrote for Child A, with two reviews."),
        {"place": Asked("Where is it kept?", "The setting, and where in it. For example: Willow Tree Nursery, office, "
                        "locked cabinet.", "Kept at"),
         "source": Asked("Who keeps it?", "A name or a job. For example: the nursery manager.", "Kept by")},
        takes_files=False,
    ),
    Kind.OBSERVATION: Asking(
        "The record", "Observation", "Write what was seen",
        Asked("What was seen", "What the trainee did and said, in the order it happened. Never name a child."),
        {"happened_on": Asked("When was it?", DATE, "Observed on"),
         "place": Asked("In which setting?", "", "Setting"),
         "minutes": Asked("For how many minutes?", "", "Duration"),
         "witness": Asked("Who observed?", "You, or an expert witness.", "Observer")},
    ),
    Kind.WITNESS_TESTIMONY: Asking(
        "The record", "Witness testimony", "Write what the witness says",
        Asked("What the witness says", "In their own words, as they told or wrote it to you. Never name a child."),
        {"witness": Asked("Who is the witness?", "", "Witness"),
         "happened_on": Asked("When did they give it?", DATE, "Given on"),
         "place": Asked("Where did they see it? (optional)", "", "Setting")},
    ),
    Kind.PROFESSIONAL_DISCUSSION: Asking(
        "The record", "Professional discussion", "Write notes of the discussion",
        Asked("Notes of the discussion", "What you asked and what the trainee answered. You can leave this empty and "
              "add a recording instead."),
        {"happened_on": Asked("When was it?", DATE, "Held on"),
         "place": Asked("Where? (optional)", "For example: their setting, or a video call.", "Place"),
         "minutes": Asked("For how many minutes? (optional)", "", "Duration"),
         "own_practice": Asked("It was about the trainee’s own practice", "What they did themselves. Then it can show "
                               "a skill.", "About")},
    ),
    Kind.SKILLS_CHECK: FROM_RECORDS,
    Kind.CPD_LOG: FROM_RECORDS,
}  # fmt: skip


def facts_of(version: EvidenceVersion) -> Facts:
    """What is known of a version besides its text, by name, in the order of its form. Needs its witness, recorder and
    attestation (queries.FACTS)."""
    facts: Facts = []
    for name, asked in ASKING[version.kind].fields.items():
        value = _shown(version, name)
        if value:
            facts.append((asked.fact, value))
    if version.recorded_by is not None and version.signed_at:
        facts.append(("Recorded by", version.recorded_by.name))
    return facts


def _shown(version: EvidenceVersion, name: str) -> str:
    value = getattr(version, name)
    if name == "witness":
        return _witness(version)
    if name == "own_practice":
        return "The trainee’s own practice" if value else "Not the trainee’s own practice"
    if name == "happened_on":
        return f"{value:%-d %B %Y}" if value else ""
    if name == "minutes":
        return f"{value} minute{'' if value == 1 else 's'}" if value else ""
    return str(value)


def _witness(version: EvidenceVersion) -> str:
    witness = version.witness
    if witness is not None:
        expert = "expert witness" if witness.is_expert else "not an expert witness"
        return f"{witness.name}, {witness.job} at {witness.workplace} ({expert})"
    recorder = version.recorded_by
    return f"{recorder.name}, assessor" if recorder is not None and version.kind == Kind.OBSERVATION else ""
