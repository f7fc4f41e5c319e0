// The launchable kernels of cuda/layer_norm.cuh.
#include "cuda/layer_norm.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(layer_norm, kPlainBlock, layer_norm)
