"""Property tests share a machine with servers: how long one example takes says nothing there."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "shared_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared_machine")
