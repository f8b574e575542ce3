"""What a picture is painted on and with: canvas, shapes, colours, noise."""
