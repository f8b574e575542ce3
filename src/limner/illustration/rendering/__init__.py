"""Messages merged with their pictures, on the way out."""
