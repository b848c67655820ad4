"""Progress, derived: criterion -> outcome -> section -> qualification (rules 18, 19)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from courses.delivery.api import CriterionStatus, Registration, statuses_of
from courses.framework.api import AssessmentPolicy, Outcome, Section, policy_of

ACHIEVED = CriterionStatus.Status.ACHIEVED


@dataclass
class OutcomeProgress:
    """An outcome with its criteria's statuses. `needed` is how many of them must be achieved (rule 19)."""

    outcome: Outcome
    statuses: list[CriterionStatus]
    needed: int

    @property
    def achieved(self) -> int:
        """How many of its criteria are achieved."""
        return sum(row.status == ACHIEVED for row in self.statuses)

    @property
    def is_complete(self) -> bool:
        """As many as are needed are achieved."""
        return self.achieved >= self.needed


@dataclass
class SectionProgress:
    """A section with its outcomes' progress."""

    section: Section
    outcomes: list[OutcomeProgress] = field(default_factory=list)

    @property
    def statuses(self) -> list[CriterionStatus]:
        """The statuses of its criteria, in order."""
        return [row for outcome in self.outcomes for row in outcome.statuses]

    @property
    def achieved(self) -> int:
        """How many of its criteria are achieved."""
        return sum(outcome.achieved for outcome in self.outcomes)

    @property
    def total(self) -> int:
        """How many criteria it has."""
        return sum(len(outcome.statuses) for outcome in self.outcomes)

    @property
    def still_needed(self) -> int:
        """How many more of its criteria must be achieved."""
        return sum(max(0, outcome.needed - outcome.achieved) for outcome in self.outcomes)

    @property
    def is_complete(self) -> bool:
        """Each of its outcomes is complete."""
        return all(outcome.is_complete for outcome in self.outcomes)


@dataclass
class Progress:
    """A registration's progress through its qualification."""

    sections: list[SectionProgress]

    @property
    def achieved(self) -> int:
        """Criteria achieved."""
        return sum(section.achieved for section in self.sections)

    @property
    def total(self) -> int:
        """Criteria in all."""
        return sum(section.total for section in self.sections)

    @property
    def still_needed(self) -> int:
        """How many more criteria must be achieved (rule 19: an illustrative list has a minimum)."""
        return sum(section.still_needed for section in self.sections)

    @property
    def is_complete(self) -> bool:
        """Rule 19: every section is complete, and there is at least one."""
        return bool(self.sections) and all(section.is_complete for section in self.sections)


def needed_of(outcome: Outcome, criteria: int, policy: AssessmentPolicy) -> int:
    """Rule 19: all criteria of an outcome, but of an illustrative list the minimum that the awarding organisation
    sets (all, where it sets none)."""
    if outcome.list_force != "examples":
        return criteria
    return min(criteria, int(policy.list_minimums.get(outcome.code, criteria)))


def progress_from(statuses: Iterable[CriterionStatus], policy: AssessmentPolicy) -> Progress:
    """Progress from statuses in the framework's order, with criterion, outcome and section fetched."""
    sections: list[SectionProgress] = []
    for row in statuses:
        outcome = row.criterion.outcome
        if not sections or sections[-1].section.pk != outcome.section_id:
            sections.append(SectionProgress(outcome.section))
        outcomes = sections[-1].outcomes
        if not outcomes or outcomes[-1].outcome.pk != outcome.pk:
            outcomes.append(OutcomeProgress(outcome, [], 0))
        outcomes[-1].statuses.append(row)
    for section in sections:
        for entry in section.outcomes:
            entry.needed = needed_of(entry.outcome, len(entry.statuses), policy)
    return Progress(sections)


def progress_of(registration: Registration, *, at: datetime, policy: AssessmentPolicy | None = None) -> Progress:
    """A registration's progress, in two queries however many criteria there are (one with its policy at hand)."""
    return progress_from(statuses_of(registration), policy or policy_of(registration.qualification_id, at=at))


def is_complete(registration: Registration, *, at: datetime) -> bool:
    """Rule 19: every mandatory criterion is achieved."""
    return progress_of(registration, at=at).is_complete
