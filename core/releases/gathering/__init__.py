"""Gathering the evidence of a release: read, compared, told, and packed."""
