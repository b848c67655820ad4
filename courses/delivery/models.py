"""Delivering a qualification: cohorts, registrations, who is allocated to whom, and how far each learner is."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When

from courses.framework.models import Criterion, Qualification
from lms.accounts.models import Organisation
from lms.common import triggers
from lms.common.models import notes

from .identifiers import validate_uln
from .visibility import CohortQuerySet, RegistrationQuerySet


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


class Placement(models.Model):
    """A setting where the learner works, from a day until a day. A learner may have several."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="placements")
    setting = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="placements")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    personal_data = notes("id", registration="whose work", setting="where they work", starts_on="since when",
                          ends_on="until when")  # fmt: skip

    def __str__(self) -> str:
        return f"Registration {self.registration_id} at {self.setting_id}"


class Allocation(models.Model):
    """Who assesses, quality-assures, supports or mentors a learner, from a day until a day (rule 35)."""

    class Role(models.TextChoices):
        ASSESSOR = "assessor", "Assessor"
        IQA = "iqa", "Internal quality assurer"
        SUPPORTER = "supporter", "Supporter"
        TUTOR = "tutor", "Tutor"
        MENTOR = "mentor", "Mentor"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="allocations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allocations")
    role = models.CharField(max_length=10, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    personal_data = notes("id", "role", registration="whose learning", user="who is allocated",
                          starts_on="since when", ends_on="until when")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "user", "role"],
                condition=Q(ends_on__isnull=True),
                name="allocation_open_once_per_role",
            )
        ]
        indexes = [models.Index(fields=["user", "role", "registration"], name="allocation_who_has_whom")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} of registration {self.registration_id}"


class AccessGrant(models.Model):
    """Opens evidence to somebody whom no allocation lets in: what a learner shares with their setting, later what
    a sample or a review picks. `subject` is the evidence's ref. Never changed but for its end."""

    class Reason(models.TextChoices):
        SHARED = "shared", "Shared by the learner"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="access_grants")
    subject = models.UUIDField()
    reason = models.CharField(max_length=20, choices=Reason.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    personal_data = notes("id", "subject", "reason", registration="whose evidence", organisation="opened to whom",
                          granted_by="who opened it", granted_at="when opened", ended_at="until when")  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "organisation", "reason"],
                condition=Q(ended_at__isnull=True),
                name="access_grant_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.subject}"


class CriterionStatus(models.Model):
    """How a learner stands on one criterion: counts written in the transaction of what changed them, and the status
    that follows (rule 18). `rebuild_status --check` recomputes them and must find nothing to change."""

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        IN_PROGRESS = "in_progress", "Draft"
        SUBMITTED = "submitted", "Submitted"
        REFERRED = "referred", "Changes needed"
        ACHIEVED = "achieved", "Achieved"

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="criterion_statuses")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    evidence_count = models.PositiveIntegerField(default=0)
    open_submissions = models.PositiveIntegerField(default=0)
    achieved_decisions = models.PositiveSmallIntegerField(default=0)
    referred_decisions = models.PositiveSmallIntegerField(default=0)
    status = models.GeneratedField(
        expression=Case(
            When(achieved_decisions__gt=0, then=Value("achieved")),
            When(open_submissions__gt=0, then=Value("submitted")),
            When(referred_decisions__gt=0, then=Value("referred")),
            When(evidence_count__gt=0, then=Value("in_progress")),
            default=Value("not_started"),
        ),
        output_field=models.CharField(max_length=12, choices=Status.choices),
        db_persist=True,
    )

    personal_data = notes("id", "criterion", registration="whose progress", evidence_count="how much evidence",
                          open_submissions="waiting for decision", achieved_decisions="counting decisions: achieved",
                          referred_decisions="counting decisions: changes needed", status="how it stands")  # fmt: skip

    class Meta:
        verbose_name_plural = "criterion statuses"
        constraints = [
            models.UniqueConstraint(fields=["registration", "criterion"], name="criterion_status_once"),
            models.CheckConstraint(
                condition=Q(achieved_decisions=0) | Q(referred_decisions=0), name="criterion_status_one_counting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id}/{self.criterion_id} {self.status}"

    @property
    def shown(self) -> str:
        """The status as the interface names it (components: status_tag)."""
        return {"in_progress": "draft", "referred": "changes_needed"}.get(self.status, self.status)


class StudyProgress(models.Model):
    """Where a learner is in a lesson or task: the heading they last read, and when they finished."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="study_progress")
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    anchor = models.SlugField(max_length=120, blank=True)
    anchor_title = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    personal_data = notes("id", registration="whose study", page="which page", anchor="how far they read",
                          anchor_title="how far they read", opened_at="first opened", seen_at="last opened",
                          finished_at="when finished")  # fmt: skip

    class Meta:
        verbose_name_plural = "study progress"
        constraints = [models.UniqueConstraint(fields=["registration", "page"], name="study_progress_once")]
        indexes = [models.Index(fields=["registration", "-seen_at"], name="study_where_was_i")]

    def __str__(self) -> str:
        return f"{self.registration_id} on page {self.page_id}"


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
