"""The limited child in which a model file is opened (skeleton of the values)."""

