"""The door of the audit room: `record` acts, name streams, digest values, verify chains."""

from .actions import Action
from .chain import Fault, digest, record, stream_of, verify

__all__ = ["Action", "Fault", "digest", "record", "stream_of", "verify"]
