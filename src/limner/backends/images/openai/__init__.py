"""OpenAI's Images API, and the servers that speak it."""
