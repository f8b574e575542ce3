"""NovelAI."""
