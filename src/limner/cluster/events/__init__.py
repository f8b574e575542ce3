"""What happens anywhere, told everywhere: a journal that all processes write and read."""
