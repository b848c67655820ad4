"""Views of assessment."""
