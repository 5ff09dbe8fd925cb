"""The web app around the page: files, sign-in, and the gate before Gradio's routes."""
