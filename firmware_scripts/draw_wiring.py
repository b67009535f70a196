#!/usr/bin/env python3
"""Draws docs/wiring.svg, and the table in docs/hardware.md, from the pins in config/edge.toml.

python firmware_scripts/draw_wiring.py            writes both
python firmware_scripts/draw_wiring.py FILE.toml  prints the drawing for a gate of your own
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- wiring table: firmware_scripts/draw_wiring.py writes it -->", "<!-- end of wiring table -->"

# BCM number -> place on the 40-pin header (the same on every Pi since the B+)
HEADER = {
    2: 3, 3: 5, 4: 7, 14: 8, 15: 10, 17: 11, 18: 12, 27: 13, 22: 15, 23: 16, 24: 18, 10: 19, 9: 21, 25: 22, 11: 23,
    8: 24, 7: 26, 0: 27, 1: 28, 5: 29, 6: 31, 12: 32, 13: 33, 19: 35, 16: 36, 26: 37, 20: 38, 21: 40,
}  # fmt: skip

#   key              device                        contact that is closed at rest         also wired to the operator
INPUTS: dict[str, tuple[str, str, bool]] = {
    "arming_loop":   ("Arming loop detector",       "relay, NC",                            False),
    "closing_loop":  ("Closing loop detector",      "relay, NC",                            True),
    "photocell":     ("Photocell",                  "relay, NC",                            True),
    "exit_loop":     ("Exit loop detector",         "relay, NC",                            False),
    "limit_open":    ("Operator: boom is up",       "limit, NC",                            False),
    "limit_closed":  ("Operator: boom is down",     "limit, NC",                            False),
    "detached":      ("Operator: arm swung out",    "switch, NC",                           False),
    "stop":          ("Emergency stop",             "second contact, NC",                   True),
    "fire":          ("Fire alarm panel",           "relay, NC",                            True),
    "mains_failed":  ("Mains monitor or UPS",       "relay, NC",                            False),
    "button":        ("Driver's button",            "push button, NC",                      False),
}  # fmt: skip
#   key              relay drives                       and is
OUTPUTS: dict[str, tuple[str, str]] = {
    "raise_boom":    ("Operator: OPEN",                 "dry contact"),
    "lower_boom":    ("Operator: CLOSE",                "dry contact"),
    "light_red":     ("Red lamp",                       "24 V"),
    "light_green":   ("Green lamp",                     "24 V"),
    "buzzer":        ("Buzzer",                         "24 V"),
}  # fmt: skip

STEP, TOP = 44, 110
STYLE = """
text { font: 14px sans-serif; fill: #1a1a1a } .small { font-size: 13px; fill: #444 }
.head { font: bold 16px sans-serif } .pin { font: bold 13px monospace } .red { fill: #b71c1c }
.box { fill: #f4f6f8; stroke: #37474f; stroke-width: 1.5 } .board { fill: #e3f2e6; stroke: #2e7d32; stroke-width: 1.5 }
.wire { stroke: #1565c0; stroke-width: 2; fill: none } .out { stroke: #e65100; stroke-width: 2; fill: none }
.safe { stroke: #c62828; stroke-width: 3; fill: none } .op { fill: #fdecea; stroke: #c62828; stroke-width: 2 }
"""
HEAD = (
    ("Wiring of one gate, from the pins in config/edge.toml", "head"),
    ("Contacts are closed at rest: an open one, and a cut wire, reads active. Relays are active high.", "small"),
)
BESIDE = (
    "Each relay input: 10 kΩ to ground, so that",
    "it is off while no program holds its pin.",
    "config.txt: dtparam=strict_gpiod, so that",
    "a killed program's pins are let go.",
    "Ground of the Pi: header 6, 9, 14, 20, 25,",
    "30, 34, 39. It meets the opto board's",
    "output side only; 24 V stays apart.",
)
OPERATOR = (
    ("Certified barrier operator: its own controller, motor, limits and safety inputs", "head"),
    ("OPEN, CLOSE and COM come from the two dry contacts. STOP, closing loop, photocell and fire are wired", ""),
    ("here first (red); the Pi reads copies of them. Without the Pi, all of them must still work.", ""),
    ("The Pi is no safety device: EN 12453 and UL 325 are kept by the operator.", "red"),
)
LEGEND = (
    (56, "wire", "input: contact to opto board to pin"),
    (356, "out", "output: pin to relay to load"),
    (620, "safe", "safety: device to operator, without the Pi"),
)
BELOW = (
    "Not drawn: the camera (CSI, USB or network), Ethernet with power (PoE), the screen (HDMI), surge arresters",
    "on every wire that leaves the cabinet, and earth. See docs/hardware.md.",
)


def pins(path: Path) -> dict[str, dict[str, int]]:
    """Inputs and outputs of a settings file; SystemExit names what is wrong."""
    try:
        devices = tomllib.loads(path.read_text(encoding="utf-8"))["devices"]
        wanted = {"inputs": INPUTS, "outputs": OUTPUTS}
        found = {side: {key: devices[side][key] for key in known} for side, known in wanted.items()}
        for pin in [*found["inputs"].values(), *found["outputs"].values()]:
            HEADER[pin]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SystemExit(f"draw_wiring: {path}: {error!r}; expected [devices.inputs] and [devices.outputs]") from error
    return found


def table(found: dict[str, dict[str, int]]) -> str:
    """The wiring as a Markdown table."""
    lines = ["| edge.toml | GPIO (BCM) | header pin | wire | while not active |", "|---|---|---|---|---|"]
    for key, (device, contact, _) in INPUTS.items():
        pin = found["inputs"][key]
        lines.append(f"| `{key}` | {pin} | {HEADER[pin]} | {device}, {contact} | closed, low |")
    for key, (drives, kind) in OUTPUTS.items():
        pin = found["outputs"][key]
        lines.append(f"| `{key}` | {pin} | {HEADER[pin]} | relay input, active high; {drives}, {kind} | off, low |")
    return "\n".join(lines) + "\n"


def drawing(found: dict[str, dict[str, int]]) -> str:
    """The wiring as an SVG, 1000 px wide."""
    bottom = TOP + STEP * len(INPUTS)
    height = bottom + 232
    size = f'viewBox="0 0 1000 {height}" width="1000" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<title>Wiring of one gate</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="1000" height="{height}" fill="#ffffff"/>',
        *_lines(36, 34, 24, HEAD),
        _board(312, 106, len(INPUTS), "Opto inputs"),
        _board(470, 176, len(INPUTS), "Raspberry Pi"),
        _board(694, 106, len(OUTPUTS), "Relays"),
        *_lines(694, TOP + STEP * len(OUTPUTS) + 34, 21, [(line, "small") for line in BESIDE]),
    ]
    for row, (key, (device, contact, twice)) in enumerate(INPUTS.items()):
        y, pin = TOP + 12 + STEP * row, found["inputs"][key]
        parts += [
            *_device(36, y, 232, device, contact),
            _line(f"M268 {y} H312", "wire"), _line(f"M418 {y} H470", "wire"),
            *_pin(478, y, pin, "start"),
        ]  # fmt: skip
        if twice:
            parts.append(_line(f"M36 {y} H16 V{bottom + 40} H36", "safe"))
    for row, (key, (drives, kind)) in enumerate(OUTPUTS.items()):
        y, pin = TOP + 12 + STEP * row, found["outputs"][key]
        parts += [
            *_pin(638, y, pin, "end"),
            _line(f"M646 {y} H694", "out"), _line(f"M800 {y} H826", "out"),
            *_device(826, y, 150, drives, kind),
        ]  # fmt: skip
    parts += [_box(36, bottom + 16, 940, 104, "op"), *_lines(56, bottom + 42, 22, OPERATOR)]
    for x, kind, what in LEGEND:
        parts += [_line(f"M{x} {bottom + 152} h34", kind), _text(x + 42, bottom + 157, what, "small")]
    parts += [*_lines(56, bottom + 188, 19, [(line, "small") for line in BELOW]), "</svg>"]
    return "\n".join(parts) + "\n"


def _lines(x: int, y: int, step: int, lines: Sequence[tuple[str, str]]) -> list[str]:
    return [_text(x, y + step * row, text, kind) for row, (text, kind) in enumerate(lines)]


def _device(x: int, y: int, width: int, name: str, kind: str) -> list[str]:
    return [_box(x, y - 18, width, 38, "box"), _text(x + 8, y - 1, name), _text(x + 8, y + 15, kind, "small")]


def _pin(x: int, y: int, pin: int, anchor: str) -> list[str]:
    place = f"header {HEADER[pin]}"
    return [_text(x, y - 1, f"GPIO {pin}", "pin", anchor), _text(x, y + 14, place, "small", anchor)]


def _board(x: int, width: int, rows: int, name: str) -> str:
    return _box(x, TOP - 16, width, STEP * rows + 8, "board") + _text(x + width // 2, TOP - 22, name, "", "middle")


def _text(x: int, y: int, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{named}>{escape(text)}</text>'


def _box(x: int, y: int, width: int, height: int, kind: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" class="{kind}"/>'


def _line(path: str, kind: str) -> str:
    return f'<path d="{path}" class="{kind}"/>'


def main(words: list[str]) -> None:
    if words:
        sys.stdout.write(drawing(pins(Path(words[0]))))
        return
    found = pins(ROOT / "config" / "edge.toml")
    (ROOT / "docs" / "wiring.svg").write_text(drawing(found), encoding="utf-8")
    page = ROOT / "docs" / "hardware.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{table(found)}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
