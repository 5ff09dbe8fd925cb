"""Procedural art: a style draws a scene, whose colours and mood the words of the prompt choose."""
