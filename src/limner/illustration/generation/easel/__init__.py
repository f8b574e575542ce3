"""Where a request becomes a picture, when it is its turn."""
