"""Cohorts, registrations, and the number of a learner."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.framework.models import Qualification
from lms.accounts.models import Organisation
from lms.common import triggers
from lms.common.models import notes

from ..identifiers import validate_uln
from ..visibility import CohortQuerySet, RegistrationQuerySet


class Cohort(models.Model):
    """A group of learners taking a course together, run by a centre, often for a local authority."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cohorts")
    local_authority = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="authority_cohorts"
    )
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="cohorts")
    course = models.ForeignKey("wagtailcore.Page", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    places = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()

    objects = CohortQuerySet.as_manager()
    personal_data = notes("id", "ref", "name", "centre", "local_authority", "qualification", "course", "places",
                          "starts_on", "ends_on")  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=models.F("starts_on")), name="cohort_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return self.name


class Registration(models.Model):
    """A learner's registration for one edition of one qualification, to which it stays pinned (rule 37).

    States: registered -> active -> complete -> claimed -> awarded; break, withdrawn and suspended beside them.
    Complete follows from decisions (rule 19) and falls back to active when one of them no longer counts.
    """

    class State(models.TextChoices):
        REGISTERED = "registered", "Registered"
        ACTIVE = "active", "Active"
        COMPLETE = "complete", "Complete"
        CLAIMED = "claimed", "Claimed"
        AWARDED = "awarded", "Awarded"
        BREAK = "break", "On a break"
        WITHDRAWN = "withdrawn", "Withdrawn"
        SUSPENDED = "suspended", "Suspended"

    OPEN_STATES = (State.REGISTERED, State.ACTIVE, State.COMPLETE)

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="registrations")
    qualification = models.ForeignKey(Qualification, on_delete=models.PROTECT, related_name="registrations")
    centre = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="registrations")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, null=True, blank=True, related_name="registrations")
    state = models.CharField(max_length=12, choices=State.choices, default=State.REGISTERED)
    registered_on = models.DateField()
    target_on = models.DateField(null=True, blank=True)

    objects = RegistrationQuerySet.as_manager()
    personal_data = notes("id", "ref", "qualification", "centre", "cohort", learner="whose registration",
                          state="how it stands", registered_on="since when", target_on="planned end")  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["registered", "active", "complete", "claimed", "awarded", "break", "withdrawn",
                                       "suspended"]),
                name="registration_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["learner", "qualification"],
                condition=~Q(state="withdrawn"),
                name="registration_once_per_qualification",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Registration {self.pk}"


class LearnerNumber(models.Model):
    """A person's unique learner number (rule 40): one person has one, whatever number of registrations."""

    learner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="learner_number")
    uln = models.CharField(max_length=10, unique=True, validators=[validate_uln])

    personal_data = notes("id", learner="whose number", uln="unique learner number")

    def __str__(self) -> str:
        return f"Number of learner {self.learner_id}"


class NumberMatch(models.Model):
    """A number that another person already holds, waiting in the centre's matching queue (rule 40). Says nothing
    of the other person. States: open -> settled."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="number_matches")
    uln = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=200, blank=True)

    personal_data = notes("id", "asked_at", "settled_at", registration="whose number", uln="the number given",
                          settled_by="who settled it", outcome="how it was settled")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=Q(settled_at__isnull=True), name="number_match_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"Number match {self.pk}"


triggers.refuse(
    "rule_37_registration_is_pinned", "courses_registration", "UPDATE",
    when="NEW.learner_id <> OLD.learner_id OR NEW.qualification_id <> OLD.qualification_id",
    message="Rule 37: a registration is pinned to one learner and one qualification.",
)  # fmt: skip
triggers.refuse(
    "rule_37_qualification_keeps_its_edition", "courses_qualification", "UPDATE",
    when="NEW.framework_id <> OLD.framework_id "
         "AND EXISTS (SELECT 1 FROM courses_registration r WHERE r.qualification_id = OLD.id)",
    message="Rule 37: learners are registered for this edition: a new edition is a new qualification.",
)  # fmt: skip
