"""Every table of the `content` app, gathered for Django."""

from .glossary import GlossaryTerm
from .h5p import H5PActivity, H5PLibrary, H5PPin, H5PUpload, H5PVersion
from .law import LegalReference
from .local import LocalInformation, LocalLink

__all__ = [
    "GlossaryTerm",
    "H5PActivity",
    "H5PLibrary",
    "H5PPin",
    "H5PUpload",
    "H5PVersion",
    "LegalReference",
    "LocalInformation",
    "LocalLink",
]
