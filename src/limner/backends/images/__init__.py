"""Backends that draw."""
