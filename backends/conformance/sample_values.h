// Values for the inputs of samples: drawn from Philox, so that every machine tests the same
// numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "backends/session.h"
#include "engine/host_tensor.h"
#include "engine/op.h"
#include "engine/philox.h"

namespace trine {

// Values of input number `input` in replay number `turn`; floats are exact in f32.
inline HostTensor sample_value(const SampleInput& spec, std::uint32_t input, int turn) {
  HostTensor value(spec.type);
  for (std::int64_t i = 0; i < value.size(); ++i) {
    const double u = random_uniform(2026, input, static_cast<std::uint32_t>(turn),
                                    static_cast<std::uint64_t>(i));
    const double x = spec.low + (spec.high - spec.low) * u;
    value[i] = spec.type.dtype == DType::i32 ? std::floor(x) : static_cast<float>(x);
  }
  return value;
}

inline void feed_value(Executable& program, std::string_view name, const HostTensor& value) {
  if (value.type.dtype == DType::f32)
    program.feed(name, std::vector<float>(value.values.begin(), value.values.end()));
  else
    program.feed(name, std::vector<std::int32_t>(value.values.begin(), value.values.end()));
}

}  // namespace trine
