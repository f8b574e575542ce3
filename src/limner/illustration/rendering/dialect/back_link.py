"""What leads from a note back to where it is referred to."""

BACK = "↩"
"""The words of that link; where links do not work it is left out."""
