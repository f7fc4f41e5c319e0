// Runs the blocks of an emulated launch, one after the other, on the calling host thread.
#pragma once

#include <functional>

namespace trine::emulation {

// Calls `thread` for each thread of each block, with cuda::threadIdx and cuda::blockIdx set. Odd
// blocks start their threads from the last, so that results which depend on the order show. Throws
// Error when some threads of a block wait at a barrier that others never reach, or at another one.
void run_blocks(unsigned blocks, int threads, const std::function<void()>& thread);

// Barriers that the running block has passed.
unsigned barriers_passed();

}  // namespace trine::emulation
