"""The illustrating OpenAI-compatible proxy."""
