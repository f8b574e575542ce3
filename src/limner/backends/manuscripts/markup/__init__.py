"""HTML as writers have it, made into Markdown."""
