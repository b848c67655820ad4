"""A Django app of one page type: what a page costs that Wagtail serves by itself."""
