"""People, drawn from what is known of their looks: one outline, dressed."""
