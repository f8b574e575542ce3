"""What every part of the server that speaks HTTP stands on."""
