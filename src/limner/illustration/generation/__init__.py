"""Making one picture: limits, budgets, retries, patience, and how far it is."""
