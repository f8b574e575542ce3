"""What goes wrong while a model is loaded or draws, as one of our errors."""

from limner.backends.http.error_body import one_line
from limner.backends.images.diffusers.options import DiffusersOptions
from limner.errors import BackendError, BackendRejected, BackendUnavailable

_ABSENT = (
    "couldn't connect",
    "cannot find the requested files",
    "cannot find an appropriate cached snapshot",
    "not a valid model identifier",
    "not a local folder",
    "local_files_only",
    "does not appear to have a file",
    "error no file named",
    "repository not found",
    "couldn't find",
    "offline",
)


class Stopped(Exception):
    """A picture that nobody wants any more was given up."""


def loading_failure(error: Exception, model: str, options: DiffusersOptions) -> BackendError:
    """Why a model cannot be loaded."""
    if isinstance(error, BackendError):
        return error
    told = one_line(str(error))[:300]
    if out_of_memory(error):
        return _too_large(model, "loading it")
    if isinstance(error, ImportError):
        return BackendRejected(
            f"{model} needs a package that is not installed: {told}; "
            "pip install 'limner[diffusers]'",
            server=model,
        )
    if isinstance(error, OSError) and any(word in str(error).lower() for word in _ABSENT):
        return absent(model, options, told)
    return BackendRejected(
        f"{model} cannot be loaded: {type(error).__name__}: {told}", server=model
    )


def absent(model: str, options: DiffusersOptions, told: str = "") -> BackendRejected:
    """The error for a model that is not there."""
    remedy = (
        "is the name right, and can the hub be reached?"
        if options.download
        else "add the option download=true to fetch it, or give the path of a folder"
    )
    return BackendRejected(
        f"the model {model} is not on this machine, or its weights are not in safetensors files; "
        f"{remedy}{f' ({told})' if told else ''}",
        server=model,
    )


def drawing_failure(error: Exception, model: str, size: str) -> BackendError:
    """Why a picture was not drawn."""
    if isinstance(error, BackendError):
        return error
    if out_of_memory(error):
        return _too_large(model, f"a picture of {size}")
    told = one_line(str(error))[:300]
    return BackendUnavailable(
        f"{model} failed at this picture: {type(error).__name__}: {told}", server=model
    )


def out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, has run out of memory.

    Examples:
        >>> out_of_memory(RuntimeError("MPS backend out of memory (…)")), out_of_memory(KeyError())
        (True, False)
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    told = str(error).lower()
    words = ("out of memory", "can't allocate memory", "cannot allocate memory")
    return isinstance(error, RuntimeError) and any(word in told for word in words)


def _too_large(model: str, what: str) -> BackendUnavailable:
    return BackendUnavailable(
        f"{model} has run out of memory at {what}; draw smaller pictures, set dtype=float16 or "
        "offload=true, or free the device of what else is on it",
        server=model,
    )
