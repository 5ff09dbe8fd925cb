"""What becomes of a job's inputs: reuse, restore, drafts, wildcards. Pure functions."""
