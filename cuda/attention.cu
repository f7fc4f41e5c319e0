// The launchable kernels of cuda/attention.cuh.
#include "cuda/attention.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(attention_8, kAttentionThreads, attention<8>)
TRINE_PLAIN_KERNEL(attention_16, kAttentionThreads, attention<16>)
TRINE_PLAIN_KERNEL(attention_32, kAttentionThreads, attention<32>)
TRINE_PLAIN_KERNEL(attention_64, kAttentionThreads, attention<64>)
TRINE_PLAIN_KERNEL(attention_128, kAttentionThreads, attention<128>)
