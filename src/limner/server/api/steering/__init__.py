"""The queue under people's hands: its order, and what became of it lately."""
