"""Limits kept in Valkey, for all processes that use the same name there."""
