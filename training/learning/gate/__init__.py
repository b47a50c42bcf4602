"""Whether a candidate may be tried: measured beside the champion."""
