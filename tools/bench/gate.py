"""What has to hold before anything is timed."""
import sys

import numpy as np


def require_close(what, ours, theirs, tolerance=1e-4):
    """Ends the program unless the largest difference is at most `tolerance` of the root mean square of `theirs`."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    error = np.abs(ours - theirs).max() / max(np.sqrt((theirs**2).mean()), 1e-30)
    if not error <= tolerance:
        sys.exit(f"nothing is timed: {what} differs by {error:.1e} of its root mean square, at most {tolerance:.0e} is allowed")
