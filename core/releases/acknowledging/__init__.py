"""What an executor's word, or its silence, makes of a release."""
