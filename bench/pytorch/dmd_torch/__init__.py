"""DMD in PyTorch: the peer that Trine is measured against.

Written from the project's description of the model; see ../README.md for the forms and how they are proved.
"""
