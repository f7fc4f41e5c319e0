// How far computed values are from expected ones.
#pragma once

#include <span>
#include <string>

namespace dmd {

// The largest relative error of a group of values and whose it is.
struct GroupError {
  double largest = 0;
  std::string worst = "nothing";

  // Values that are not numbers count as infinitely wrong.
  void add(const std::string& name, double error);
};

// max |got - expected| / max |expected|, the latter taken as `floor` where it is less: some values
// are zero in theory. Throws trine::Error, with `name`, if the sizes differ.
double max_error(const std::string& name, std::span<const double> got,
                 std::span<const double> expected, double floor);

// The same in the Euclidean norm.
double norm_error(const std::string& name, std::span<const double> got,
                  std::span<const double> expected, double floor);

}  // namespace dmd
