"""Pictures as files named by their content, and the library's folder."""
