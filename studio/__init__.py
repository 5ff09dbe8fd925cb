"""The context layer between the page and what is kept and run; knows nothing of Gradio."""
