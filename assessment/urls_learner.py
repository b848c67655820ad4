"""Addresses for learner pages."""

urlpatterns: list = []
