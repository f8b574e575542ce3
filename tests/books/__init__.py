"""Whole stories made into books."""
