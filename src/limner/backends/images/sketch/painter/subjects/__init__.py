"""The subjects, and what ties them to their place."""
