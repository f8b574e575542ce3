"""Where messages and pictures are kept. Empty yet: the one store is in memory."""
