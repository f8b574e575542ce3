"""What a model is shown of what was said: its own tags, never our pictures."""
