"""The fixed grid of the days that an actual takes to become known."""

LAG_DAYS = (*range(31), 35, 42, 49, 56, 70, 90, 120, 180, 365)
"""Right-closed edges in days from a row's event time to its actual's; the first bin holds 0 and less, beside them
"later" comes last."""
