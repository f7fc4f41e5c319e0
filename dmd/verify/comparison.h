// How far computed values are from expected ones.
#pragma once

#include <span>
#include <string>

namespace dmd {

// Some expected values are zero in theory and hold noise, as f32 arithmetic then does. This floor
// lies far above that noise divided by a tolerance, and below what is not zero in theory.
inline constexpr double kValueFloor = 1e-4;

// The largest relative error of a group of values and whose it is.
struct GroupError {
  double largest = 0;
  std::string worst = "nothing";

  // Values that are not numbers count as infinitely wrong.
  void add(const std::string& name, double error);
  // Adds the max_error() of these values.
  void compare(const std::string& name, std::span<const double> got,
               std::span<const double> expected);
};

// max |got - expected| / max |expected|, the latter taken as `floor` where it is less: some values
// are zero in theory. Throws trine::Error, with `name`, if the sizes differ.
double max_error(const std::string& name, std::span<const double> got,
                 std::span<const double> expected, double floor);

// The same in the Euclidean norm.
double norm_error(const std::string& name, std::span<const double> got,
                  std::span<const double> expected, double floor);

// The Euclidean norm of the values.
double norm_of(std::span<const float> values);

}  // namespace dmd
