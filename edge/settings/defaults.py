"""What holds where edge.toml is silent and more than the settings must know it."""

from __future__ import annotations

ENGINE = "rapidocr"  # who reads plates
FALLBACK = "rapidocr"  # whom an engine asks that is not sure and may ask
