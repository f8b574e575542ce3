"""How pictures are placed, looked after and removed, in a directory or in a bucket."""
