// Functions that the kernels compute themselves, since Vulkan promises too little of its own,
// against double precision: also where the conformance suite, which draws small numbers, does not
// look.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"
#include "tests/vulkan/device_present.h"

namespace trine {
namespace {

// Floats of both signs: fine steps around 0, the neighbourhood of every quarter turn for a while,
// where one of sine and cosine vanishes, both sides of where the reduction changes its method, and
// all sizes that a float may have.
std::vector<float> angles() {
  std::vector<float> values = {0.0f, 1e-30f, 12000.0f, std::nextafter(12000.0f, 0.0f)};
  for (int i = 0; i < 4000; ++i) values.push_back(static_cast<float>(i) * 0.0071f);
  for (int i = 1; i < 9000; i += 7) {
    const auto turn = static_cast<float>(i * std::numbers::pi / 2);
    for (float x : {std::nextafter(turn, 0.0f), turn, std::nextafter(turn, 1e9f)})
      values.push_back(x);
  }
  for (double x = 1e-6; x < 3.4e38; x *= 1.013) values.push_back(static_cast<float>(x));
  // The float that comes nearest to a multiple of pi/2 (Muller, Elementary Functions,
  // section 11.1).
  values.push_back(std::ldexp(16367173.0f, 72));
  const std::size_t positive = values.size();
  for (std::size_t i = 0; i < positive; ++i) values.push_back(-values[i]);
  return values;
}

// Every kind of positive float: subnormal ones, all sizes, and fine steps around 1, where the
// logarithm vanishes.
std::vector<float> positive_floats() {
  std::vector<float> values = {std::numeric_limits<float>::denorm_min(), 1.0f,
                               std::numeric_limits<float>::max()};
  for (double x = 1e-44; x < 3.4e38; x *= 1.013) values.push_back(static_cast<float>(x));
  for (int i = -5000; i < 5000; ++i) values.push_back(1.0f + static_cast<float>(i) * 6e-8f);
  for (int i = -5000; i < 5000; ++i) values.push_back(1.0f + static_cast<float>(i) * 9e-5f);
  return values;
}

std::vector<float> computed(const std::vector<float>& at, Tensor (*function)(Tensor)) {
  Session session(open_device("vulkan"));
  Graph graph;
  graph.fetch("y",
              function(input(graph, "x", {DType::f32, {static_cast<std::int64_t>(at.size())}})));
  Executable program = session.compile(graph, "accuracy");
  program.feed("x", at);
  program.run({});
  return program.fetch("y");
}

// The most that any value is wrong by, in units of `scale` of the true one. NaN is not within any
// bound.
double largest_error(Tensor (*function)(Tensor), double (*truth)(double),
                     const std::vector<float>& at, double (*scale)(double)) {
  const std::vector<float> actual = computed(at, function);
  double worst = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const double expected = truth(at[i]);
    const double error = std::abs(actual[i] - expected);
    if (error == 0.0) continue;
    if (std::isnan(error)) return error;
    worst = std::max(worst, error / scale(expected));
  }
  return worst;
}

double absolute(double) { return 1.0; }
double relative(double value) { return std::abs(value); }

TEST(VulkanAccuracy, SineAndCosineHoldForEveryFloat) {
  TRINE_NEEDS_VULKAN();
  EXPECT_LE(largest_error(sin, std::sin, angles(), absolute), 2e-7);
  EXPECT_LE(largest_error(cos, std::cos, angles(), absolute), 2e-7);
}

TEST(VulkanAccuracy, TheLogarithmHoldsNearOneToo) {
  TRINE_NEEDS_VULKAN();
  EXPECT_LE(largest_error(log, std::log, positive_floats(), relative), 3e-7);
}

}  // namespace
}  // namespace trine
