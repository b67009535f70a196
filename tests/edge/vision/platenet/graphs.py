"""Small ONNX files with the inputs and outputs of platenet's networks: they compute something, but not plates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

SHARE = 0.7311  # what a cell of the detector says of a plate's middle: sigmoid(1)


def write(folder: Path, detector: str | None = None, reader: str | None = None, crops: str = "crops") -> Path:
    """Both networks in `folder`, with those temperatures in their metadata; returns it."""
    _save(folder / "detector.onnx", _detector(), detector)
    _save(folder / "reader.onnx", _reader(crops), reader)
    return folder


def _detector():
    """A cell's corners are the mean of its 64 pixels, blue, green, red, blue ...; the probability is always SHARE."""
    weights = np.zeros((9, 3, 8, 8), np.float32)
    for channel in range(8):
        weights[1 + channel, channel % 3] = 1 / 64
    nodes = [
        helper.make_node("Cast", ["picture"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["real"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "weights", "bias"], ["means"], strides=[8, 8]),
        helper.make_node("Transpose", ["means"], ["cells"], perm=[0, 2, 3, 1]),
    ]
    bias = np.float32([SHARE, *[0] * 8])
    given = helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, "height", "width", 3])
    made = helper.make_tensor_value_info("cells", TensorProto.FLOAT, [1, "rows", "columns", 9])
    return helper.make_graph(nodes, "detector", [given], [made], _constants(weights=weights, bias=bias))


def _reader(crops: str):
    """Steps are the brightness of the crop's rows, its first 37 columns; whole is 1 for white and less for darker."""
    nodes = [
        helper.make_node("Cast", [crops], ["real"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["real"], ["grey"], axes=[3], keepdims=0),
        helper.make_node("Slice", ["grey", "from", "to", "axis"], ["part"]),
        helper.make_node("Div", ["part", "white"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["steps"], axis=2),
        helper.make_node("ReduceMean", ["real"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["whole"]),
    ]
    constants = {"from": np.int64([0]), "to": np.int64([37]), "axis": np.int64([2]), "white": np.float32(255)}
    given = helper.make_tensor_value_info(crops, TensorProto.UINT8, ["n", 64, 128, 3])
    made = [
        helper.make_tensor_value_info("steps", TensorProto.FLOAT, ["n", 64, 37]),
        helper.make_tensor_value_info("whole", TensorProto.FLOAT, ["n"]),
    ]
    return helper.make_graph(nodes, "reader", [given], made, _constants(**constants))


def _constants(**arrays: np.ndarray):
    return [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()]


def _save(path: Path, graph, temperature: str | None) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    if temperature is not None:
        helper.set_model_props(model, {"temperature": temperature})
    save(model, str(path))
