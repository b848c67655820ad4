"""How much a learner's evidence takes up in the store. Two queries, whatever the number of files."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from courses.delivery.api import Registration

from .models import EvidenceFile, Upload

KINDS = ("Photographs", "Video", "Sound", "PDF", "Documents", "Other")
PLAIN = {"image": "Photographs", "video": "Video", "audio": "Sound", "text": "Documents"}
LARGEST = 15


@dataclass
class Stored:
    """One stored file: versions that share it count it once. `ref` and `evidence_ref` lead to the newest version that
    has it; `is_removable` while that is a draft at hand."""

    ref: str
    name: str
    kind: str
    size: int
    title: str
    evidence_ref: str
    number: int
    is_removable: bool
    in_bin: bool


@dataclass
class Storage:
    """What a registration keeps: every stored file once, and uploads on their way."""

    files: list[Stored]
    uploads: list[Upload]
    by_kind: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Bytes of all stored files."""
        return sum(file.size for file in self.files)

    @property
    def in_bin(self) -> int:
        """Bytes of files that only drafts in the bin have."""
        return sum(file.size for file in self.files if file.in_bin)

    @property
    def arrived(self) -> int:
        """Bytes of uploads that have not been finished."""
        return sum(upload.offset for upload in self.uploads)

    @property
    def largest(self) -> list[Stored]:
        """The largest files, those in the bin too."""
        return sorted(self.files, key=lambda file: -file.size)[:LARGEST]


def kind_of(content_type: str) -> str:
    """What a person calls this kind of file."""
    if content_type == "application/pdf":
        return "PDF"
    if content_type.startswith("application/vnd."):
        return "Documents"
    return PLAIN.get(content_type.split("/")[0], "Other")


def storage_of(registration: Registration, *, at: datetime) -> Storage:
    """Reads what a registration keeps in the store, and its uploads that can still be resumed. Two queries."""
    rows = EvidenceFile.objects.filter(version__evidence__registration=registration).exclude(stored_as="")
    columns = rows.order_by("version__binned_at", "-version__number").values(
        "ref", "name", "content_type", "stored_as", "stored_size", number=F("version__number"),
        title=F("version__title"), stands=F("version__state"), latest=F("version__is_latest"),
        binned=F("version__binned_at"), recorder=F("version__recorded_by"), piece=F("version__evidence__ref"),
    )  # fmt: skip
    found: dict[str, Stored] = {}
    # What is at hand comes before what is in the bin, and of each the newest version.
    for row in sorted(columns, key=lambda row: (row["binned"] is not None, -row["number"])):
        removable = row["stands"] == "draft" and row["latest"] and row["recorder"] is None
        found.setdefault(
            row["stored_as"],
            Stored(
                str(row["ref"]), row["name"], kind_of(row["content_type"]), row["stored_size"], row["title"],
                str(row["piece"]), row["number"], removable, row["binned"] is not None,
            ),
        )  # fmt: skip
    uploads = Upload.objects.filter(
        version__evidence__registration=registration, version__binned_at__isnull=True, offset__lt=F("length"),
        expires_at__gt=at,
    )  # fmt: skip
    storage = Storage(list(found.values()), list(uploads.select_related("version__evidence").order_by("-created_at")))
    sizes: Counter[str] = Counter()
    for file in storage.files:
        sizes[file.kind] += file.size
    numbers = Counter(file.kind for file in storage.files)
    storage.by_kind = [(kind, numbers[kind], sizes[kind]) for kind in KINDS if numbers[kind]]
    storage.by_kind.sort(key=lambda row: -row[2])
    return storage
