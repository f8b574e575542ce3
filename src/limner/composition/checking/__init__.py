"""Looking servers over: those that are configured, and those that are usually on this machine."""
