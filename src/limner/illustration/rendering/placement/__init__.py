"""Where pictures go in Markdown, and whether readers of Markdown find them there."""
