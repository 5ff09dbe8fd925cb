"""What a user has made: gallery, stage, details, workspaces."""
