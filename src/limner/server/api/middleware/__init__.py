"""What stands before the routes of the API: how large a body may be, and whose things these are."""
