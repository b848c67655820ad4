"""How far each trainee of the demonstration has come, and what has happened on the way. Days count back from today."""

from dataclasses import dataclass

from .texts import PIECES

COHORT_BEGAN = 77  # days ago: eleven weeks
TWELFTHS = 12  # what `Story.finished` counts in: the course may grow, a story stays as far along
STAGES = ("not started", "drafting", "waiting", "on the way", "half way", "changes needed", "complete")


@dataclass(frozen=True)
class Round:
    """One submission: the pieces it brings (or, if they exist, their next versions) and what came of it.

    `codes` narrows it to some criteria; `without` leaves items of an illustrative list out; `referred` names the words
    (see `words.CHANGES`) for each criterion sent back; `unsound` says which of V, A, C, R fails for a piece and why;
    `begun` means that the assessor has judged the evidence and drafted decisions, not released.
    """

    pieces: tuple[str, ...]
    submitted: int
    decided: int | None = None
    codes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    referred: tuple[tuple[str, str], ...] = ()
    unsound: tuple[tuple[str, str, str], ...] = ()
    begun: bool = False
    unchecked: bool = False  # decided by the assessor who is not qualified yet: nobody has countersigned it

    @property
    def links(self) -> dict[str, tuple[str, ...]]:
        """The criteria that each piece is linked to."""
        return {key: tuple(c for c in PIECES[key].criteria if c not in self.without) for key in self.pieces}

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria that are submitted."""
        return self.codes or tuple(dict.fromkeys(code for codes in self.links.values() for code in codes))


@dataclass(frozen=True)
class Story:
    """A trainee's stage, how many twelfths of the course they have finished, the page they are half through, what they
    have handed in, and the pieces that are still drafts ("~" before a piece: only begun, a few lines). `shared` is the
    piece that their setting's manager may read."""

    stage: str
    finished: int = 0
    reading: str = ""
    rounds: tuple[Round, ...] = ()
    drafts: tuple[str, ...] = ()
    number: str = "given"  # the unique learner number: given, none, not yet known, taken (somebody else holds it)
    shared: str = ""


SECTION_1 = Round(("guide", "cycle", "languages", "duties"), 63, 55)
FAMILIES = Round(("family", "review"), 49, 42)
SECTION_2 = Round(("role", "skills", "morning", "plans"), 38, 31)
SECTION_3 = Round(("starter", "ladder"), 27, 21)
FEW_CONTACTS = ("4.2.b", "4.2.e", "4.2.g")
BEYOND = Round(("map", "log"), 18, 11, without=FEW_CONTACTS)
MOVING = Round(("moving", "money"), 13, 6)

STORIES = {
    # The one that visitors see first: something of everything.
    "Priya Nair": Story(
        "on the way", 4, "say-what-you-can-do",
        (Round(("guide", "cycle"), 45, 38),
         Round(("family", "review"), 12, 2, referred=(("1.12", "plan-contents"),)),
         Round(("role",), 3)),
        ("~morning",), shared="cycle",
    ),
    "Gwen Tate": Story("not started", number="none"),
    "Zoe Hartley": Story("not started", number="none"),
    "Siobhan Dunne": Story("not started", number="not yet known"),
    "Hana Suzuki": Story("drafting", 2, "common-rare-and-tuesday", drafts=("guide",)),
    "Imelda Cruz": Story("drafting", 1, "assess-plan-do-review", drafts=("~guide", "duties")),
    "Olivia Stanton": Story("drafting", 2, drafts=("~cycle",), number="taken"),
    # A first submission with the assessor: one in time, two overdue.
    "Esi Asante": Story("waiting", 3, rounds=(Round(("guide",), 6, 2, unchecked=True),)),
    "Rachel Goodwin": Story("waiting", 3, rounds=(Round(("guide", "duties"), 19),), drafts=("~languages",)),
    "Farida Rahman": Story("waiting", 4, rounds=(Round(("guide", "cycle"), 17, begun=True),)),
    "Beth Lowry": Story("on the way", 6, "being-there-for-colleagues",
                        (SECTION_1, Round(("family", "review"), 20)), ("~role",)),
    "Chloe Rust": Story("on the way", 6, "", (Round(("guide", "duties"), 52, 44), Round(("role", "morning"), 9)),
                        ("plans",)),
    "Kayleigh Moss": Story(
        "on the way", 5, "being-there-for-colleagues",
        (Round(("guide", "cycle", "languages"), 50, 41, referred=(("1.5", "both-languages"),)),
         Round(("languages",), 30, 24, codes=("1.5",)), Round(("family",), 5)),
        ("~skills",),
    ),
    # The third assessor has declared an interest in this one: it waits for somebody else.
    "Tessa Bramley": Story("on the way", 5, "", (Round(("guide", "cycle"), 47, 39), Round(("duties", "role"), 10))),
    "Sunita Patel": Story("on the way", 7, "eleven-days",
                          (SECTION_1, Round(("role", "plans"), 34, 26, unsound=(
                              ("plans", "current", "Quotes a leaflet from before 2014; the law has changed since."),
                          ), referred=(("2.6", "own-words"),)), Round(("plans",), 8, codes=("2.6",))),
                          ("family",)),
    "Dilys Parry": Story("half way", 9, "finding-your-way-round-the-local-offer",
                         (SECTION_1, FAMILIES, SECTION_2, Round(("starter", "ladder"), 12)), ("~map",)),
    "Liam Cartwright": Story("half way", 8, "", (SECTION_1, FAMILIES, SECTION_2), ("starter",)),
    "Joanne Whitlock": Story("half way", 10, "task-my-local-map",
                             (SECTION_1, FAMILIES, SECTION_2, Round(("ladder",), 22, 16),
                              Round(("starter", "map"), 17))),
    "Magda Nowak": Story("half way", 8, "eleven-days",
                         (SECTION_1, FAMILIES, SECTION_2, Round(("starter",), 4, begun=True)), ("~ladder",)),
    "Farah Khan": Story(
        "changes needed", 6, "say-what-you-can-do",
        (SECTION_1, Round(("skills", "morning"), 44, 37, referred=(("2.3", "skills-first"),)),
         Round(("skills",), 29, 23, codes=("2.3",), referred=(("2.3", "skills-second"),)),
         Round(("skills",), 14, 9, codes=("2.3",), referred=(("2.3", "skills-third"),))),
    ),
    "Paula Reyes": Story(
        "changes needed", 7, "linking-families-with-help",
        (Round(("guide", "cycle", "duties"), 58, 50), Round(("family", "log"), 24, 15, without=FEW_CONTACTS, referred=(
            ("1.8", "child-voice"), ("4.2.c", "no-dates"), ("4.2.i", "no-dates"), ("4.5", "no-dates")))),
        ("~log",),
    ),
    "Ngozi Okafor": Story("half way", 9, "", (SECTION_1, FAMILIES, SECTION_2, SECTION_3, Round(("map",), 5)),
                          ("~log",)),
    "Amara Obi": Story("complete", 12, "", (SECTION_1, FAMILIES, SECTION_2, SECTION_3, BEYOND, MOVING)),
    "Vera Popescu": Story("complete", 12, "", (SECTION_1, FAMILIES, SECTION_2, SECTION_3,
                                               Round(("map", "log"), 17, 10), MOVING)),
}  # fmt: skip

# Rule 8: the third assessor's own declaration, about a trainee of his.
INTEREST = (
    "marcus",
    "Tessa Bramley",
    "friendship",
    "We have been friends since college and see each other most weeks.",
    3,
)
# Rule 40: gives a number that this trainee holds already.
NUMBER_HELD_BY = "Kayleigh Moss"
