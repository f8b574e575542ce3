"""Chat completions as they go over the wire, and pictures put into them. Pure."""
