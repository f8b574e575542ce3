"""AUTOMATIC1111's API, and the servers that speak it."""
