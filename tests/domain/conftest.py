"""Property tests share a machine with servers: how long one example takes says nothing there.

HYPOTHESIS_EXAMPLES sets how many each test tries; many, for a night.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "shared_machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "50")),
)
settings.load_profile("shared_machine")
