"""A fake ComfyUI, over real HTTP and real websockets."""

from limner.testing.comfyui_server.server import ComfyUIServer, Mishaps

__all__ = ["ComfyUIServer", "Mishaps"]
