"""Pictures apart from the messages they are in: those that were drawn, and those to draw after."""
