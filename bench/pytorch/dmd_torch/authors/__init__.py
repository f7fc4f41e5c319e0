"""DMD as the authors' program arranges it: time-major, one module after another, the margin loss as a loop."""
