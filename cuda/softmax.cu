// The launchable kernels of cuda/softmax.cuh.
#include "cuda/softmax.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(softmax, kPlainBlock, softmax<false>)
TRINE_PLAIN_KERNEL(log_softmax, kPlainBlock, softmax<true>)
