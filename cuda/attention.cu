// The launchable kernels of cuda/attention.cuh.
#include "cuda/attention.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(attention_8, kNarrowHeadsBlock, attention<8>)
TRINE_PLAIN_KERNEL(attention_16, kNarrowHeadsBlock, attention<16>)
TRINE_PLAIN_KERNEL(attention_32, kWideHeadsBlock, attention<32>)
TRINE_PLAIN_KERNEL(attention_64, kWideHeadsBlock, attention<64>)
TRINE_PLAIN_KERNEL(attention_128, kWideHeadsBlock, attention<128>)
