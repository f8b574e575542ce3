"""What the commands know of a story: the options about its pictures, and what it became before."""
