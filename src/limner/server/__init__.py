"""The server behind ``limner serve``: the OpenAI-compatible proxy, the API, and a plain page."""
