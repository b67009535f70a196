#!/usr/bin/env python3
"""The guided bench test of a gate's wires: ./parkmeter wiring --config FILE. Stop the gate's service before."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edge.devices.wiring.command import main

if __name__ == "__main__":
    sys.exit(main())
