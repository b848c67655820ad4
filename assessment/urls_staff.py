"""Addresses for staff pages."""

urlpatterns: list = []
