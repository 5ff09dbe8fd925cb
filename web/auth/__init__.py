"""Who is asking, one file for each kind of login."""
