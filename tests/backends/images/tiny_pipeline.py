"""A Stable Diffusion pipeline of random weights, small enough to be made and drawn with at once."""

import importlib
import json
from pathlib import Path
from typing import Any

SIDE = 64


def save_tiny_pipeline(folder: Path, *, filter_says_no: bool | None = None) -> Path:
    """Write a pipeline as `save_pretrained` does.

    Args:
        folder: Where to.
        filter_says_no: Whether it has a safety checker, and one that always refuses.
    """
    torch: Any = importlib.import_module("torch")
    diffusers: Any = importlib.import_module("diffusers")
    transformers: Any = importlib.import_module("transformers")
    torch.manual_seed(1)
    tokenizer = _tokenizer(folder / "words", transformers)
    text_config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16, projection_dim=16,
        num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    pipeline = diffusers.StableDiffusionPipeline(
        vae=diffusers.AutoencoderKL(
            block_out_channels=(4, 4, 4, 4), norm_num_groups=2, latent_channels=4, sample_size=SIDE,
            down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        ),
        text_encoder=transformers.CLIPTextModel(text_config),
        tokenizer=tokenizer,
        unet=diffusers.UNet2DConditionModel(
            sample_size=SIDE // 8, in_channels=4, out_channels=4, layers_per_block=1,
            block_out_channels=(8, 8), norm_num_groups=4, cross_attention_dim=16,
            attention_head_dim=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        ),
        scheduler=diffusers.DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
            clip_sample=False, set_alpha_to_one=False, steps_offset=1,
        ),
        safety_checker=_filter(diffusers, transformers, filter_says_no),
        feature_extractor=transformers.CLIPImageProcessor(size=32, crop_size=32)
        if filter_says_no is not None
        else None,
        requires_safety_checker=filter_says_no is not None,
    )  # fmt: skip
    pipeline.save_pretrained(folder / "model")
    return folder / "model"


def save_tiny_ip_adapter(folder: Path, model: Path) -> Path:
    """Write an IP-Adapter for a pipeline's UNet, with what looks at pictures beside it."""
    torch: Any = importlib.import_module("torch")
    diffusers: Any = importlib.import_module("diffusers")
    transformers: Any = importlib.import_module("transformers")
    safetensors: Any = importlib.import_module("safetensors.torch")
    torch.manual_seed(3)
    unet = diffusers.UNet2DConditionModel.from_pretrained(model / "unet")
    width = unet.config.cross_attention_dim
    looking = transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig(
        hidden_size=16, intermediate_size=16, projection_dim=16, num_hidden_layers=1,
        num_attention_heads=2, image_size=32, patch_size=8,
    ))  # fmt: skip
    looking.save_pretrained(folder / "image_encoder")
    weights = {
        "image_proj.proj.weight": torch.randn(4 * width, 16),
        "image_proj.proj.bias": torch.randn(4 * width),
        "image_proj.norm.weight": torch.ones(width),
        "image_proj.norm.bias": torch.zeros(width),
    }
    crossing = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for number, name in enumerate(crossing):
        attention = unet.get_submodule(name.removesuffix(".processor"))
        for letter in "kv":
            weights[f"ip_adapter.{2 * number + 1}.to_{letter}_ip.weight"] = torch.randn(
                attention.to_k.out_features, width
            )
    safetensors.save_file(weights, folder / "ip-adapter.safetensors")
    return folder / "ip-adapter.safetensors"


def save_tiny_lora(folder: Path, model: Path) -> Path:
    """Write a LoRA for a pipeline's UNet."""
    torch: Any = importlib.import_module("torch")
    diffusers: Any = importlib.import_module("diffusers")
    peft: Any = importlib.import_module("peft")
    unet = diffusers.UNet2DConditionModel.from_pretrained(model, subfolder="unet")
    torch.manual_seed(2)
    unet.add_adapter(
        peft.LoraConfig(r=2, lora_alpha=2, init_lora_weights=False, target_modules=["to_q", "to_k"])
    )
    layers = peft.utils.get_peft_model_state_dict(unet)
    diffusers.StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=layers)
    return folder / "pytorch_lora_weights.safetensors"


def _tokenizer(folder: Path, transformers: Any) -> Any:
    """Byte-level BPE that knows every letter, alone and at the end of a word, and no merges."""
    folder.mkdir(parents=True)
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: n for n, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return transformers.CLIPTokenizer.from_pretrained(str(folder), model_max_length=77)


def _filter(diffusers: Any, transformers: Any, says_no: bool | None) -> Any:
    if says_no is None:
        return None
    checker: Any = importlib.import_module(
        "diffusers.pipelines.stable_diffusion.safety_checker"
    ).StableDiffusionSafetyChecker
    config = transformers.CLIPConfig(
        text_config={"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
                     "num_attention_heads": 1, "vocab_size": 100},
        vision_config={"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
                       "num_attention_heads": 1, "image_size": 32, "patch_size": 16},
        projection_dim=8,
    )  # fmt: skip
    model = checker(config)
    model.concept_embeds_weights.data.fill_(-2.0 if says_no else 2.0)  # a cosine is within ±1
    model.special_care_embeds_weights.data.fill_(2.0)
    return model
