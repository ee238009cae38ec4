"""What a validator or an owner says of a release whose gates did not all pass."""
