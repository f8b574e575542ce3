"""The tales of the storyteller that needs no model, in the languages it tells them in."""
