"""How the API's routes come into its application."""
