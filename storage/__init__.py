"""What the studio keeps: jobs, workspaces, and media files with who may see them."""
