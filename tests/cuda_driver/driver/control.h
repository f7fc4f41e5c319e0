// How tests steer the stand-in and look into it. Exported beside the driver's entry points; what
// can be set is also read from the environment when the process starts:
//   TRINE_STAND_IN_DEVICES  "9.0,7.5", a device for each compute capability; empty: none
//   TRINE_STAND_IN_MEMORY   bytes of each device
//   TRINE_STAND_IN_SEED     of the orders in which graphs run
//   TRINE_STAND_IN_FAULT    "cuInit:1:100", the first call of cuInit returns 100
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

// While no context is retained.
void trine_stand_in_show_devices(const char* capabilities);
void trine_stand_in_limit_memory(std::size_t bytes);
void trine_stand_in_seed(std::uint64_t seed);
// The `call`-th call of the entry point, from 1, returns `result`.
void trine_stand_in_fail(const char* entry, int call, int result);
// Live handles and memory, and what contexts still held when they were given back; empty: nothing.
// Valid until the thread's next call.
const char* trine_stand_in_left_over();
// Settings as at the start, and nothing abandoned.
void trine_stand_in_reset();
}
