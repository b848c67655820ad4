"""Interactive activities."""
