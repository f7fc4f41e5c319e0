// The launchable kernels of cuda/layer_norm_grad.cuh.
#include "cuda/layer_norm_grad.cuh"

#include "cuda/entry.cuh"

TRINE_KERNEL(layer_norm_grad, kPlainBlock, layer_norm_grad<Body>)
