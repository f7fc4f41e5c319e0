// The launchable kernels of cuda/attention_grad.cuh.
#include "cuda/attention_grad.cuh"

#include "cuda/entry.cuh"

TRINE_PLAIN_KERNEL(attention_grad_8, kNarrowHeadsBlock, attention_grad<8>)
TRINE_PLAIN_KERNEL(attention_grad_16, kNarrowHeadsBlock, attention_grad<16>)
TRINE_PLAIN_KERNEL(attention_grad_32, kWideHeadsBlock, attention_grad<32>)
TRINE_PLAIN_KERNEL(attention_grad_64, kWideHeadsBlock, attention_grad<64>)
TRINE_PLAIN_KERNEL(attention_grad_128, kWideHeadsBlock, attention_grad<128>)
