"""What the local backend runs: one file a model, beside what they share for images, films and sound."""
