"""Pictures taken along: the order of all, files with prompts in them, many at once."""
