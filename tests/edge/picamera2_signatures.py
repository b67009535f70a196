"""The signatures of picamera2 that we rely on, read from its source without importing it (it needs libcamera).

python -m tests.edge.picamera2_signatures FOLDER VERSION   prints them for picamera2_signatures.json
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from pathlib import Path

#   class              in file         methods
USED = {
    "Picamera2":        ("picamera2.py", ("__init__", "create_video_configuration", "configure", "camera_configuration",
                                          "start", "stop", "close", "capture_request", "set_controls")),
    "CompletedRequest": ("request.py",   ("acquire", "release", "make_array", "get_metadata")),
}  # fmt: skip


def from_source(folder: Path) -> dict[str, list[str]]:
    """Of the package whose modules lie in `folder`: "Class.method" -> its parameters, "name" or "name=default"."""
    found = {}
    for owner, (file, methods) in USED.items():
        tree = ast.parse((folder / file).read_text(encoding="utf-8"))
        body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == owner)
        for node in body:  # of overloads the last one is the real one
            if isinstance(node, ast.FunctionDef) and node.name in methods:
                found[f"{owner}.{node.name}"] = _parameters(node.args)
    return found


def of_classes(**classes: type) -> dict[str, list[str]]:
    """The same of classes in memory. Defaults that are objects are given as "..."."""
    return {
        f"{name}.{method}": [_shown(parameter) for parameter in inspect.signature(vars(kind)[method].__func__
            if isinstance(vars(kind)[method], staticmethod) else vars(kind)[method]).parameters.values()]
        for name, kind in classes.items()
        for method in USED[name][1]
    }  # fmt: skip


def _parameters(arguments: ast.arguments) -> list[str]:
    names = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]
    defaults = [None] * (len(names) - len(arguments.defaults)) + [_default(node) for node in arguments.defaults]
    return [name if default is None else f"{name}={default}" for name, default in zip(names, defaults, strict=True)]


def _default(node: ast.expr) -> str:
    try:
        return repr(ast.literal_eval(node))
    except ValueError:
        return "..."


def _shown(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return parameter.name
    literal = isinstance(parameter.default, (int, str, dict, type(None)))
    return f"{parameter.name}={parameter.default!r}" if literal else f"{parameter.name}=..."


if __name__ == "__main__":
    source = f"picamera2 {sys.argv[2]}, its source distribution: picamera2.py and request.py"
    print(json.dumps({"source": source, "signatures": from_source(Path(sys.argv[1]))}, indent=2))
