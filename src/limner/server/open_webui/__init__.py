"""What Open WebUI is given: an action below its answers. Nothing of it runs in limner."""
