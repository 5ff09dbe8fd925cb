"""The page and the web app around it; the only room that knows Gradio."""
