"""Comments, attachments and visits beside a release."""
