// The launchable kernels of cuda/elementwise.cuh.
#include "cuda/elementwise.cuh"

#include "cuda/entry.cuh"

TRINE_KERNEL(elementwise, kPlainBlock, elementwise<Body>)
TRINE_PLAIN_KERNEL(copy, kPlainBlock, copy)
