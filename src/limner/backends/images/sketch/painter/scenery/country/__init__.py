"""Places on land."""
