"""What people bring along: files that are checked before anything trusts them."""
