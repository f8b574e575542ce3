"""Pictures in an object store: the bucket, and what it answers."""
