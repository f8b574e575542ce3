"""The other servers of a library: what they choose, stop and leave."""
