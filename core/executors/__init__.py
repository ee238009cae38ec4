"""What carries a decision out: the embedded executor and the signed webhook, and what was sent to them."""
