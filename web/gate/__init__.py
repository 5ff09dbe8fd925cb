"""What stands before Gradio's own routes: which of them pass, and what keeps users' sessions apart."""
