"""The commands of the `watchroom` program, one file per subject."""
