"""Requesting a release, its evidence, and withdrawing it."""
