"""Taking a version back, and practising it."""
