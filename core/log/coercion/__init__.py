"""Lossless coercion of a column to what the log stores; what cannot be kept exactly is a fault of its row."""
