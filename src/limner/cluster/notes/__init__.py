"""What is told for a while, by whoever knows it, to whoever asks."""
