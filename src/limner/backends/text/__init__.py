"""Sources of streamed text."""
