"""A user's work as one file: written and taken in."""
