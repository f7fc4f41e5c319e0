// The launchable kernels of cuda/reduce.cuh.
#include "cuda/reduce.cuh"

#include "cuda/entry.cuh"

TRINE_KERNEL(reduce_sum, kPlainBlock, reduce<Sum, Prologue, Body>)
TRINE_KERNEL(reduce_max, kPlainBlock, reduce<Max, Prologue, Body>)
