"""Pictures in answers: their addresses, their bytes, and where an answer is kept."""
