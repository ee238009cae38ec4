"""Carrying an approved release out, step by step."""
