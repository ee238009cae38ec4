"""Watchroom's core: profiles, metrics, checks and decisions. It knows no page and no web framework."""
