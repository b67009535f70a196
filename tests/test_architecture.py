"""The house's plan, held against every import: who may know whom, and in which one file each vendor package stays."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("edge", "central")

# what pure rules may not import: clocks, randomness, threads, processes, files and networks
IMPURE = {
    "asyncio", "contextvars", "ctypes", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "queue",
    "random", "sched", "secrets", "select", "selectors", "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib",
    "flask", "paho", "requests", "sqlalchemy", "sqlite_utils", "cv2", "onnxruntime", "gpiozero", "rapidocr",
}  # fmt: skip

#   vendor          may be imported in
VENDORS = {
    "gpiozero": ("edge/devices/gpio.py",),
    "picamera2": ("edge/vision/picamera.py",),
    "paho": ("edge/uplink/link.py", "edge/diag/line.py", "central/gates.py"),
    "sqlalchemy": ("central/",),
    "flask": (
        "edge/http/",
        "central/serve.py",
        "central/api/",
        "central/web/",
        "central/bench/",
        "central/payments/mock_psp/",
    ),
    "torch": ("edge/vision/training/",),
    "onnx": ("edge/vision/training/",),
    "apprise": ("central/notifications/channels.py",),
    "amqtt": ("edge/simulation/demo/brokers.py",),
    "pwdlib": ("edge/simulation/demo/brokers.py",),
}

# calls that read a clock or draw lots
IMPURE_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("uuid", "uuid4"),
}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it, by its full name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def here(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.slow
def test_the_contracts_of_import_linter_are_kept():
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    ran = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("path", [*sources("edge/rules", "central/rules")], ids=here)
def test_rules_are_pure(path):
    impure = [name for name in imports(path) if name.split(".")[0] in IMPURE]
    assert not impure, f"{here(path)} imports {', '.join(impure)}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            called = (node.func.value.id, node.func.attr)
            assert called not in IMPURE_CALLS, (
                f"{here(path)}:{node.lineno} asks {'.'.join(called)}; take it as an argument"
            )


@pytest.mark.parametrize("path", [*sources("edge/rules")], ids=here)
def test_the_gates_rules_know_nothing_but_rules_and_the_wire(path):
    ours = {name for name in imports(path) if name.split(".")[0] in PACKAGES}
    assert not {name for name in ours if not name.startswith(("edge.rules", "edge.protocol"))}


@pytest.mark.parametrize("path", [*sources("central/rules")], ids=here)
def test_centrals_rules_know_nothing_but_rules_and_the_wire(path):
    ours = {name for name in imports(path) if name.split(".")[0] in PACKAGES}
    assert not {name for name in ours if not name.startswith(("central.rules", "edge.protocol"))}


@pytest.mark.parametrize("path", [*sources("central")], ids=here)
def test_central_knows_of_the_edge_only_its_wire(path):
    assert not [name for name in imports(path) if name.split(".")[0] == "edge" and not name.startswith("edge.protocol")]


@pytest.mark.parametrize("path", [*sources("edge")], ids=here)
def test_the_edge_never_knows_central(path):
    assert not [name for name in imports(path) if name.split(".")[0] == "central"]


@pytest.mark.parametrize("path", [*sources("edge/protocol")], ids=here)
def test_the_wire_stands_on_the_standard_library_pydantic_and_cryptography(path):
    allowed = {*sys.stdlib_module_names, "pydantic", "cryptography"}
    assert not [
        name for name in imports(path) if name.split(".")[0] not in allowed and not name.startswith("edge.protocol")
    ]


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_vendor_package_stays_in_its_own_files(vendor):
    strays = [
        here(path)
        for path in sources(*PACKAGES)
        if any(name.split(".")[0] == vendor for name in imports(path)) and not here(path).startswith(VENDORS[vendor])
    ]
    assert not strays


REQUIREMENTS = ("requirements.txt", "edge/vision/training/requirements.txt", "tests/requirements.txt")


def test_every_requirement_is_pinned_to_one_version():
    for name in REQUIREMENTS:
        lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
        packages = [line for line in lines if line and not line.startswith(("#", "-"))]
        assert packages
        assert not [line for line in packages if line.count("==") != 1]


def test_everything_the_requirements_bring_along_is_pinned_too():
    """The launcher installs with --no-deps: what is not listed is not there."""
    from importlib.metadata import distribution

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    text = "".join((ROOT / name).read_text() for name in REQUIREMENTS)
    pinned = {canonicalize_name(line.split("==")[0]) for line in text.splitlines() if "==" in line}
    # asked for by metadata, used by nothing of ours: build tools, and pip for `sqlite-utils install`
    spared = {"pip", "setuptools"}
    # a torch built for CUDA asks for its libraries, which a machine without a GPU does without
    cuda = ("nvidia-", "cuda-", "triton")
    missing = set()
    for name in pinned:
        for line in distribution(name).requires or []:
            wanted = Requirement(line)
            needed = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
            asked = canonicalize_name(wanted.name)
            if needed and asked not in pinned | spared and not asked.startswith(cuda):
                missing.add(f"{wanted.name}, for {name}")
    assert not missing
