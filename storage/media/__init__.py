"""The media store: blobs by their hash, who owns them, and what a file is."""
