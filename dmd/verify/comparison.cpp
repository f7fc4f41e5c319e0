#include "dmd/verify/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/error.h"

namespace dmd {
namespace {

void check_sizes(const std::string& name, std::size_t got, std::size_t expected) {
  if (got != expected)
    trine::fail("{}: this model gives {} values and the fixture expects {}", name, got, expected);
}

}  // namespace

void GroupError::add(const std::string& name, double error) {
  if (std::isnan(error)) error = std::numeric_limits<double>::infinity();
  if (error < largest) return;
  largest = error;
  worst = name;
}

void GroupError::compare(const std::string& name, std::span<const double> got,
                         std::span<const double> expected) {
  add(name, max_error(name, got, expected, kValueFloor));
}

double max_error(const std::string& name, std::span<const double> got,
                 std::span<const double> expected, double floor) {
  check_sizes(name, got.size(), expected.size());
  double difference = 0, scale = floor;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, std::abs(got[i] - expected[i]));
    scale = std::max(scale, std::abs(expected[i]));
  }
  return difference / scale;
}

double norm_error(const std::string& name, std::span<const double> got,
                  std::span<const double> expected, double floor) {
  check_sizes(name, got.size(), expected.size());
  double difference = 0, scale = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference += (got[i] - expected[i]) * (got[i] - expected[i]);
    scale += expected[i] * expected[i];
  }
  return std::sqrt(difference) / std::max(std::sqrt(scale), floor);
}

double norm_of(std::span<const float> values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

}  // namespace dmd
