"""What the staff of the demonstration's centre have on their records besides what they must hold: experience, proof
that nobody has seen yet, something that runs out soon, and logs of their own development."""

from datetime import date, timedelta

from django.utils import timezone

from lms.accounts.api import StaffQualification, User
from lms.accounts.competence import Facts, check_proof, record_qualification, write_cpd

from .clock import day, moment

KIND = StaffQualification.Kind.OCCUPATIONAL
# Whose, days ago, what, minutes, about assessing, what they learned.
LOG = (
    ("dana", 12, "Standardisation of section 2 with the other assessors", 120, True,
     "We read the same two pieces for 2.3 and did not agree at once. I now look for what the trainee did after the "
     "plan was reviewed."),
    ("dana", 75, "Countersigning: what to look for", 60, True, ""),
    ("dana", 160, "Autism in the early years, online course", 240, False,
     "How differently one behaviour can read. I ask trainees to write down what they saw before what it may mean."),
    ("marcus", 9, "Shadowed Dana Hughes during a professional discussion", 90, True,
     "To wait after a question, and to note the minute when a criterion comes up."),
    ("marcus", 40, "Unit 2 of the assessing qualification", 300, True, ""),
    ("ruth", 22, "Area SENCO network: changes to EHC plan advice", 150, False, ""),
    ("iqa", 18, "Led the standardisation meeting on section 2", 120, True, ""),
)  # fmt: skip


def staff(people: dict[str, User]) -> None:
    """Fills the records. Everybody who could decide before still can."""
    ends = Facts(KIND, "Registered as an early years practitioner", "Example Register",
                 awarded_on=timezone.localdate() - timedelta(days=340),
                 expires_on=timezone.localdate() + timedelta(days=25))  # fmt: skip
    at = moment(60, 10)
    check_proof(record_qualification(people["dana"], ends, by=people["dana"], at=at), by=people["iqa"], at=at)
    unseen = Facts(KIND, "Area SENCO for six years", "Ashcombe Vale Council", awarded_on=date(2020, 9, 1),
                   sector="early_years", up_to_level=3)  # fmt: skip
    record_qualification(people["ruth"], unseen, by=people["ruth"], at=moment(3, 16))
    for key, ago, title, minutes, about, learned in LOG:
        write_cpd(people[key], happened_on=day(ago), title=title, minutes=minutes, is_assessment=about,
                  learned=learned, by=people[key], at=moment(ago, 17))  # fmt: skip
