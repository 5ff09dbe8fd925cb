"""How jobs run: the queue, the runner, and what it keeps in order."""
