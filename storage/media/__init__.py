"""The media store: blobs by their hash, their owners, and the detection of formats."""
