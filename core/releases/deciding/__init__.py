"""What people decide on a release."""
