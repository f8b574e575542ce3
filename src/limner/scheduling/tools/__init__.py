"""Around the limiter: groups of them, barriers, batches, limits that adapt."""
