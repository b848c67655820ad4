"""What must hold after every act, whatever has been done before it."""

from collections import Counter

from assessment.api import Decision, InterestDeclaration
from assessment.status import differences
from courses.delivery.api import CriterionStatus, Registration
from portfolio.api import AttemptGrant, EvidenceVersion, SubmittedCriterion

from .composed import faults_now
from .stage import LIMIT, Stage, said


class Holds:
    """Compares the database with the machine's own memory of what was submitted and released."""

    stage: Stage
    submitted: dict[int, tuple]
    outcomes: dict[tuple[int, int], list[str]]
    waiting: set[tuple[int, int]]

    def everything_holds(self) -> None:
        """Each of the things below."""
        self.no_submitted_version_is_lost_or_changed()
        self.each_status_is_what_the_history_says()
        self.only_what_should_count_counts()
        self.nobody_with_an_open_interest_holds_a_draft()
        self.what_is_submitted_is_whole_and_within_the_attempts()
        self.each_piece_has_one_latest_version_unless_all_of_it_is_in_the_bin()

    def no_submitted_version_is_lost_or_changed(self) -> None:
        rows = EvidenceVersion.objects.filter(pk__in=self.submitted).prefetch_related("links")
        assert {row.pk: said(row) for row in rows} == self.submitted

    def each_status_is_what_the_history_says(self) -> None:
        for registration in self.stage.registrations:
            assert list(differences(registration)) == []
        linked = set(
            EvidenceVersion.objects.filter(is_latest=True, evidence__registration__in=self.stage.registrations)
            .values_list("evidence__registration_id", "links__criterion_id")
        )  # fmt: skip
        for row in CriterionStatus.objects.filter(registration__in=self.stage.registrations):
            key = (row.registration_id, row.criterion_id)
            last = (self.outcomes.get(key) or [""])[-1]
            expected = (
                "achieved" if last == "achieved" else "submitted" if key in self.waiting
                else "referred" if last else "in_progress" if key in linked else "not_started"
            )  # fmt: skip
            assert row.status == expected, key

    def only_what_should_count_counts(self) -> None:
        history: dict[tuple[int, int], list[tuple[str, str]]] = {}
        decisions = Decision.objects.filter(registration__in=self.stage.registrations).select_related("submission")
        for decision in decisions.prefetch_related("versions__judgement").order_by("released_at", "pk"):
            assert decision.decider_id != decision.learner_id
            assert decision.is_draft == decision.submission.is_open
            if decision.is_draft:
                continue
            key = (decision.registration_id, decision.criterion_id)
            history.setdefault(key, []).append((decision.state, decision.outcome))
            assert decision.rationale
            assert decision.outcome == "achieved" or decision.feedback
            if decision.outcome == "achieved":
                versions = list(decision.versions.all())
                assert decision.sufficient
                assert versions
                assert all(version.judgement.all_hold for version in versions)
        assert {key: [outcome for _, outcome in rows] for key, rows in history.items()} == self.outcomes
        for rows in history.values():
            assert [state for state, _ in rows] == ["superseded"] * (len(rows) - 1) + ["counts"]

    def nobody_with_an_open_interest_holds_a_draft(self) -> None:
        for declared in InterestDeclaration.objects.filter(resolved_at__isnull=True):
            held = Decision.objects.filter(registration_id=declared.registration_id, decider_id=declared.user_id)
            assert not held.filter(state="draft").exists()

    def what_is_submitted_is_whole_and_within_the_attempts(self) -> None:
        rows = EvidenceVersion.objects.filter(evidence__registration__in=self.stage.registrations)
        for version in rows.prefetch_related("links"):
            if not version.is_draft:
                assert version.is_declared
                assert version.text
                assert version.links.all()
                assert version.pk in self.submitted
        every = SubmittedCriterion.objects.filter(registration__in=self.stage.registrations)
        items = every.attempts()
        assert not every.filter(submission__withdrawn_at__isnull=False, is_open=True).exists()
        assert not every.filter(submission__withdrawn_at__isnull=False, submitted_versions__isnull=False).exists()
        assert faults_now() == []
        used = Counter(items.values_list("registration_id", "criterion_id"))
        granted = Counter(AttemptGrant.objects.values_list("registration_id", "criterion_id"))
        assert all(count <= LIMIT + granted[key] for key, count in used.items())
        assert set(items.filter(is_open=True).values_list("registration_id", "criterion_id")) == self.waiting
        for registration in self.stage.registrations:
            last = [(self.outcomes.get((registration.pk, c.pk)) or [""])[-1] for c in self.stage.criteria]
            state = Registration.objects.get(pk=registration.pk).state
            assert state == ("complete" if set(last) == {"achieved"} else "active")

    def each_piece_has_one_latest_version_unless_all_of_it_is_in_the_bin(self) -> None:
        rows = EvidenceVersion.objects.filter(evidence__registration__in=self.stage.registrations)
        pieces: dict[int, list[tuple[int, bool, bool]]] = {}
        for piece, number, latest, binned in rows.values_list("evidence_id", "number", "is_latest", "binned_at"):
            pieces.setdefault(piece, []).append((number, latest, binned is not None))
        for versions in pieces.values():
            shown = [number for number, _, binned in versions if not binned]
            assert [number for number, latest, _ in versions if latest] == ([max(shown)] if shown else [])
