"""Diffusers, in this process."""
