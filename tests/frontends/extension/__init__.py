"""limner's extension in the real SillyTavern."""
