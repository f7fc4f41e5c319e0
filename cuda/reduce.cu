// The launchable kernels of cuda/reduce.cuh.
#include "cuda/reduce.cuh"

#include "cuda/entry.cuh"

TRINE_KERNEL(reduce_sum, kThreads, reduce<Sum, Prologue, Body>)
TRINE_KERNEL(reduce_max, kThreads, reduce<Max, Prologue, Body>)
