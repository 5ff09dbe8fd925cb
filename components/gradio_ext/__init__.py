"""Every reach into Gradio's insides that the page needs; each has a test that names what it takes for granted."""
