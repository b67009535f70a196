"""What every test may use."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A shared two-core machine is slow at times: a property is judged by its truth, not by its pace. Every run looks for
# new examples, and prints how to run a failing one again.
settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
