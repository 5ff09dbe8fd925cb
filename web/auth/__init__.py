"""Authentication: one file for each kind of login."""
