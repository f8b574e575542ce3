"""ComfyUI: any workflow, over its queue and its websocket."""

from limner.backends.images.comfyui.backend import ComfyUIBackend
from limner.backends.images.comfyui.client import PollIntervals
from limner.backends.images.comfyui.options import ComfyUIOptions
from limner.backends.images.comfyui.workflow import Workflow

__all__ = ["ComfyUIBackend", "ComfyUIOptions", "PollIntervals", "Workflow"]
