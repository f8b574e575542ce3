"""What a model is told, and the files that hold it."""
