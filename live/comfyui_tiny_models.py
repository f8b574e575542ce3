"""A tiny checkpoint and a tiny LoRA of random weights: `python FILE CHECKOUT FOLDER`.

It runs in ComfyUI's own environment, because only the checkout knows the names of its weights. A
picture of 64 pixels takes some tenths of a second a step on a processor.
"""

import sys
from pathlib import Path
from typing import Any

SEED = 1


def make(checkout: Path, folder: Path) -> None:
    """Write ``checkpoints/tiny.safetensors`` and ``loras/tiny.safetensors`` into a folder."""
    sys.argv = ["main.py", "--cpu"]
    sys.path.insert(0, str(checkout))
    import torch
    from comfyui_start import stand_in_for_operators

    held = stand_in_for_operators()  # noqa: F841 - see there
    import comfy.options

    comfy.options.enable_args_parsing()
    import comfy.ops
    import comfy.sd1_clip
    from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel
    from comfy.taesd.taesd import TAESD
    from safetensors.torch import save_file

    torch.manual_seed(SEED)

    def random(weights: dict[str, Any], scale: float, prefix: str = "") -> dict[str, Any]:
        return {
            prefix + name: (
                (torch.randn(value.shape) * scale).to(value.dtype).contiguous()
                if value.is_floating_point()
                else value
            )
            for name, value in weights.items()
        }

    # A Stable Diffusion 1 is known by its channels; how many blocks there are is seen from names.
    unet = UNetModel(
        image_size=32, in_channels=4, out_channels=4, model_channels=320, num_res_blocks=[1],
        channel_mult=[1], transformer_depth=[1], transformer_depth_middle=1,
        transformer_depth_output=[1, 1], context_dim=768, num_heads=8,
        use_spatial_transformer=True, operations=comfy.ops.manual_cast, dtype=torch.float32,
    ).state_dict()  # fmt: skip
    clip = comfy.sd1_clip.SD1ClipModel(dtype=torch.float16).state_dict()
    clip = {name.replace("clip_l.", ""): value for name, value in clip.items()}
    checkpoint = {
        **random(unet, 0.03, "model.diffusion_model."),
        **random(TAESD().state_dict(), 0.1, "first_stage_model."),
        **random(clip, 0.02, "cond_stage_model."),
    }
    checkpoint.pop("cond_stage_model.logit_scale", None)
    lora = {}
    for name, value in unet.items():
        if name.endswith("attn2.to_v.weight"):
            base = f"diffusion_model.{name.removesuffix('.weight')}"
            lora[f"{base}.lora_up.weight"] = torch.randn(value.shape[0], 2)
            lora[f"{base}.lora_down.weight"] = torch.randn(2, value.shape[1])
    for kind, weights in (("checkpoints", checkpoint), ("loras", lora)):
        place = folder / kind
        place.mkdir(parents=True, exist_ok=True)
        save_file(weights, place / "tiny.safetensors.part")
        (place / "tiny.safetensors.part").replace(place / "tiny.safetensors")


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]))
