"""What becomes of a prompt: styles, characters, and prompts that a second model writes."""
