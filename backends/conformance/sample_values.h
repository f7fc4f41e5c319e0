// Values for the inputs of samples: drawn from Philox, so that every machine tests the same
// numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
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

// What is put among the values of one input at a time: together they would meet in sums and make
// NaN of what is to be told apart.
inline constexpr float kNotFinite[] = {std::numeric_limits<float>::quiet_NaN(),
                                       std::numeric_limits<float>::infinity(),
                                       -std::numeric_limits<float>::infinity()};

// Puts `value` into a few places, so that most of a larger tensor can show that it stays as it is.
inline void put_not_finite(HostTensor& tensor, float value, std::uint32_t input) {
  const std::int64_t size = tensor.size(), places = size ? 1 + size / 64 : 0;
  for (std::int64_t p = 0; p < places; ++p) {
    const double u = random_uniform(2027, input, 0, static_cast<std::uint64_t>(p));
    tensor[static_cast<std::int64_t>(u * static_cast<double>(size))] = value;
  }
}

inline void feed_value(Executable& program, std::string_view name, const HostTensor& value) {
  if (value.type.dtype == DType::f32)
    program.feed(name, std::vector<float>(value.values.begin(), value.values.end()));
  else
    program.feed(name, std::vector<std::int32_t>(value.values.begin(), value.values.end()));
}

}  // namespace trine
