// Dense values on the host in double precision: what references compute with.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/shape.h"

namespace trine {

struct HostTensor {
  Type type;
  std::vector<double> values;  // row-major; integers are stored as the doubles that equal them

  HostTensor() = default;
  explicit HostTensor(Type t) : type(t), values(static_cast<std::size_t>(count(t.shape)), 0.0) {}

  double operator[](std::int64_t i) const { return values[static_cast<std::size_t>(i)]; }
  double& operator[](std::int64_t i) { return values[static_cast<std::size_t>(i)]; }
  std::int64_t size() const { return static_cast<std::int64_t>(values.size()); }
};

}  // namespace trine
