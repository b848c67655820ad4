"""Who is in the demonstration. Every person, organisation and number is made up; settings stand in no real register."""

from dataclasses import dataclass
from datetime import date

from lms.accounts.api import Role, StaffQualification
from lms.accounts.competence import Facts

from .clock import day
from .stories import COHORT_BEGAN

AUTHORITY = "Ashcombe Vale Council"
CENTRE = "Ashcombe Vale Early Years Training Centre"


@dataclass(frozen=True)
class Place:
    """A setting where trainees work: its kind in a learner's words, and its Ofsted number where it has one (an agency
    childminder has none)."""

    name: str
    words: str
    ofsted_urn: str = ""


SETTINGS = {
    "quince": Place("Quince Tree Nursery", "our nursery", "EY999001"),
    "tannery": Place("Tannery Yard Day Nursery", "our nursery", "EY999002"),
    "harebell": Place("Harebell House Nursery", "our nursery", "EY999003"),
    "marlpit": Place("Marlpit Lane Nursery", "our nursery", "EY999004"),
    "lantern": Place("The Lantern Room Nursery", "our nursery", "EY999005"),
    "cobblers": Place("Cobblers Green Pre-school", "our pre-school", "EY999006"),
    "forge": Place("Old Forge Pre-school", "our pre-school", "EY999007"),
    "hall": Place("Upper Ashcombe Village Hall Pre-school", "our pre-school", "EY999008"),
    "whitlock": Place("Joanne Whitlock, childminder", "my setting", "EY999009"),
    "okafor": Place("Ngozi Okafor, childminder", "my setting", "EY999010"),
    "rahman": Place("Farida Rahman, childminder", "my setting"),
    "dunne": Place("Siobhan Dunne, childminder", "my setting"),
}


@dataclass(frozen=True)
class Colleague:
    """Somebody on the staff: an account and what they are where ("authority", "centre", "awarding", or a setting)."""

    email: str
    name: str
    roles: tuple[tuple[str, str], ...]


STAFF = {
    "dana": Colleague("assessor@demo.example", "Dana Hughes", ((Role.ASSESSOR, "centre"),)),
    "ruth": Colleague(
        "area-senco@demo.example", "Ruth Mensah", ((Role.AREA_SENCO, "authority"), (Role.ASSESSOR, "centre"))
    ),
    "marcus": Colleague("marcus.oyelaran@demo.example", "Marcus Oyelaran", ((Role.ASSESSOR, "centre"),)),
    "iqa": Colleague("iqa@demo.example", "Helen Prosser", ((Role.LEAD_IQA, "centre"), (Role.IQA, "centre"))),
    "eqa": Colleague("eqa@demo.example", "Tom Ferris", ((Role.EQA, "awarding"),)),
    "author": Colleague("author@demo.example", "Bea Lindqvist", ((Role.AUTHOR, "awarding"),)),
    "reviewer": Colleague("reviewer@demo.example", "Rowan Iqbal", ((Role.REVIEWER, "awarding"),)),
    "publisher": Colleague("publisher@demo.example", "Pia Morgan", ((Role.PUBLISHER, "awarding"),)),
    "awarding": Colleague("awarding@demo.example", "Nell Castle", ((Role.CENTRE_ADMINISTRATOR, "awarding"),)),
    "tutor": Colleague("tutor@demo.example", "Nadia Frost", ((Role.TUTOR, "centre"),)),
    "authority": Colleague(
        "authority@demo.example", "Gareth Pugh", ((Role.COHORT_MANAGER, "authority"), (Role.AUTHOR, "authority"))
    ),
    "admin": Colleague("admin@demo.example", "Yasmin Akhtar", ((Role.CENTRE_ADMINISTRATOR, "centre"),)),
    "protection": Colleague("data-protection@demo.example", "Noor Rahmani", ((Role.DATA_PROTECTION, "centre"),)),
    "safeguarding": Colleague("safeguarding@demo.example", "Grace Adeyemi", ((Role.SAFEGUARDING_LEAD, "centre"),)),
    "manager": Colleague("anita.brook@demo.example", "Anita Brook", ((Role.SETTING_MANAGER, "quince"),)),
}

# The sign-ins that the command and the README name, in this order.
SIGN_INS = (
    "trainee@demo.example",
    *(STAFF[key].email for key in ("dana", "tutor", "ruth", "iqa", "eqa", "author", "reviewer", "publisher",
                                   "authority", "admin", "protection", "safeguarding")),
)  # fmt: skip


@dataclass(frozen=True)
class Trainee:
    """A trainee: their setting, their assessor, and what they call people and children in their writing."""

    name: str
    setting: str
    assessor: str
    child: str
    colleague: str
    partner: str = "my manager"

    @property
    def email(self) -> str:
        """The account's address."""
        if self.name == "Priya Nair":
            return SIGN_INS[0]
        return f"{self.name.lower().replace(' ', '.').replace('’', '')}@demo.example"


# Ruth Mensah assesses some; as Area SENCO she supports the others. Nobody is assessed by their own supporter.
TRAINEES = [
    Trainee("Priya Nair", "quince", "dana", "Child A", "our newest colleague"),
    Trainee("Amara Obi", "tannery", "dana", "Child B", "our room leader"),
    Trainee("Beth Lowry", "harebell", "dana", "Child C", "the key person"),
    Trainee("Chloe Rust", "cobblers", "ruth", "Child D", "our deputy"),
    Trainee("Dilys Parry", "forge", "dana", "Child E", "the baby room leader"),
    Trainee("Esi Asante", "quince", "marcus", "Child F", "our apprentice"),
    Trainee("Farah Khan", "marlpit", "marcus", "Child G", "our room leader"),
    Trainee("Gwen Tate", "hall", "dana", "Child H", "our deputy"),
    Trainee("Hana Suzuki", "lantern", "dana", "Child J", "the key person"),
    Trainee("Imelda Cruz", "tannery", "ruth", "Child K", "our newest colleague"),
    Trainee("Joanne Whitlock", "whitlock", "ruth", "Child L", "my assistant", "another childminder"),
    Trainee("Kayleigh Moss", "harebell", "marcus", "Child B", "our room leader"),
    Trainee("Liam Cartwright", "forge", "dana", "Child N", "our deputy"),
    Trainee("Magda Nowak", "marlpit", "ruth", "Child P", "the key person"),
    Trainee("Ngozi Okafor", "okafor", "dana", "Child Q", "my co-childminder", "another childminder"),
    Trainee("Olivia Stanton", "cobblers", "marcus", "Child R", "our apprentice"),
    Trainee("Paula Reyes", "lantern", "ruth", "Child S", "our room leader"),
    Trainee("Rachel Goodwin", "hall", "marcus", "Child T", "the baby room leader"),
    Trainee("Farida Rahman", "rahman", "dana", "Child U", "my assistant", "another childminder"),
    Trainee("Sunita Patel", "quince", "ruth", "Child V", "our deputy"),
    Trainee("Tessa Bramley", "tannery", "marcus", "Child W", "the key person"),
    Trainee("Siobhan Dunne", "dunne", "ruth", "Child X", "my assistant", "another childminder"),
    Trainee("Vera Popescu", "lantern", "dana", "Child Y", "our newest colleague"),
    Trainee("Zoe Hartley", "harebell", "marcus", "Child Z", "our apprentice"),
]


def qualifications() -> list[tuple[str, str, Facts]]:
    """What staff hold or work towards: whose, who recorded it and saw proof, and what."""
    kinds = StaffQualification.Kind
    assessing, taqa = "Level 3 Certificate in Assessing Vocational Achievement", "Example Awards"
    return [
        ("dana", "iqa", Facts(kinds.ASSESSING, assessing, taqa, awarded_on=date(2019, 6, 14))),
        ("dana", "iqa", Facts(kinds.OCCUPATIONAL, "Nursery SENCO for nine years", awarded_on=date(2015, 9, 1))),
        ("ruth", "iqa", Facts(kinds.ASSESSING, assessing, taqa, awarded_on=date(2021, 3, 5))),
        ("ruth", "iqa", Facts(kinds.NATIONAL_AWARD, "National Award for SEN Co-ordination", "Example University",
                              awarded_on=date(2018, 7, 20))),
        ("marcus", "iqa", Facts(kinds.ASSESSING, assessing, taqa, working_towards_since=day(COHORT_BEGAN + 120))),
        ("iqa", "admin", Facts(kinds.QUALITY_ASSURANCE, "Level 4 Award in the Internal Quality Assurance of Assessment "
                               "Processes and Practice", taqa, awarded_on=date(2017, 11, 24))),
    ]  # fmt: skip
