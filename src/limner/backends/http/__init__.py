"""Talking to HTTP servers with care: addresses, sessions, time limits, errors, foreign URLs."""
