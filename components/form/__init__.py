"""The form of the page: fields, drafts, Generate."""
