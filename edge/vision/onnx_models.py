"""Opens networks for onnxruntime: any file's, and the PP-OCRv6 ones inside rapidocr's wheel; nothing is downloaded."""

from __future__ import annotations

import platform
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from edge.vision.errors import EngineMissing

if TYPE_CHECKING:
    import onnxruntime

INSTALL = "install it with: python -m pip install rapidocr==3.10.0 onnxruntime==1.32.0"
INSTALL_PLATENET = (
    "its networks come with ParkMeter (`./parkmeter train detector` and `train reader` make them anew), "
    "what runs them with: python -m pip install onnxruntime==1.32.0 opencv-python-headless==5.0.0.93"
)
MODELS = Path(__file__).parent / "models"  # platenet's networks
WEIGHTS = (MODELS / "detector.onnx", MODELS / "reader.onnx")
#   processor   torch, torchvision: a pair that fits; others end in errors of missing operators
TORCH_PAIRS = {"aarch64": ("2.10.0", "0.25.0"), "x86_64": ("2.13.0", "0.28.0")}


def install_easyocr(processor: str = platform.machine()) -> str:
    """How easyocr is installed on that processor, its versions pinned."""
    torch, torchvision = TORCH_PAIRS.get(processor, TORCH_PAIRS["x86_64"])
    return f"install it with: python -m pip install easyocr==1.7.2 torch=={torch} torchvision=={torchvision}"


def rapidocr_models() -> Path:
    """The folder of rapidocr's networks; EngineMissing when the package isn't installed."""
    found = find_spec("rapidocr")
    if found is None or found.origin is None:
        raise EngineMissing(f"the reading engine rapidocr is not installed; {INSTALL}")
    return Path(found.origin).parent / "models"


def open_model(name: str, threads: int) -> onnxruntime.InferenceSession:
    """An inference session on the CPU for one of rapidocr's model files, with that many threads."""
    path = rapidocr_models() / name
    if not path.is_file():
        raise EngineMissing(f"the installed rapidocr has no model {name}; {INSTALL}")
    return open_session(path, threads)


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """A session on the CPU for that file; EngineMissing where it is no network, or onnxruntime isn't there."""
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as states
    except ImportError as missing:
        raise EngineMissing(f"onnxruntime is not installed; {INSTALL}") from missing
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that spin while they wait would take the core from the barrier's own loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Frames differ in size: an arena would keep the largest of every size it ever met.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (
        states.Fail,
        states.InvalidArgument,
        states.InvalidGraph,
        states.InvalidProtobuf,
        states.NoSuchFile,
    ) as refused:
        raise EngineMissing(f"{path}: is no network that can be run ({str(refused).splitlines()[0]})") from refused
