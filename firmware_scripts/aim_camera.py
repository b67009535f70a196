#!/usr/bin/env python3
"""Aims a camera: ./parkmeter aim --source picamera2:0 --live. Stop the gate first: it has the camera."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from edge.aim.command import main

if __name__ == "__main__":
    sys.exit(main())
