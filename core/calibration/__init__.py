"""Whether scores can be read as probabilities: reliability, its error, tests and drift."""
