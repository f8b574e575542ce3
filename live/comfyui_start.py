"""ComfyUI started in an environment for processors: `python FILE --cpu …`, in a checkout's folder.

torchvision's package is built for a torch with a graphics card's libraries; beside one without them
its operators cannot be loaded, and it fails when it tells of them. ComfyUI draws without these.
"""

import runpy
import sys

BOXES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def stand_in_for_operators() -> object:
    """Name the operators that torchvision tells of, if nobody has brought them.

    Returns:
        Keep it: what is defined is forgotten with it.
    """
    import torch

    try:
        import torchvision  # noqa: F401 - whether it can be had is the question
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(name + BOXES)
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        return library
    return None


if __name__ == "__main__":
    held = stand_in_for_operators()
    sys.argv[0] = "main.py"
    sys.path.insert(0, ".")
    runpy.run_path("main.py", run_name="__main__")
