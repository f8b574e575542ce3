"""The sky and what comes from it."""
