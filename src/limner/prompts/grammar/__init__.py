"""Picture requests in a text: how they look, and how they are found while it streams."""
