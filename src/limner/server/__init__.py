"""The OpenAI-compatible proxy, the API and the page will live here. Empty in this version."""
