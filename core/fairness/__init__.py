"""Fairness of groups: rates, gaps, what chance would show, and what mitigation would cost; from counts only."""
