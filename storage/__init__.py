"""Storage: jobs, workspaces, and media files with their owners."""
