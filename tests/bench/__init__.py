"""The benchmark: large data made in a private PostgreSQL, the main pages measured against a plain Wagtail page."""
