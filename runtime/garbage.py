"""Python's garbage collector, set for a process that serves for days."""

import gc


def settle() -> None:
    """Leave alone what was imported, and look for cycles less often: call it when all is ready.

    Each request makes more objects than the default threshold, so old ones, all our modules among
    them, were walked through again and again: a tenth of the processor time of API and worker.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
