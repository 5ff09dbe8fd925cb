"""The shipped models that need no weights: one file each, beside what they share for images, films and sound."""
