// NaN on its way through what steps are fused into, where kernels have code of their own for
// bounds, and through the clipping of gradients.
#include <array>
#include <functional>
#include <limits>

#include <gmock/gmock.h>

#include "backends/registry.h"
#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/state.h"
#include "engine/optim/clip.h"

namespace trine {
namespace {

using testing::Each;
using testing::IsNan;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class NotFinite : public testing::TestWithParam<const char*> {
 protected:
  using Build = std::function<Tensor(Tensor, Tensor)>;

  // What `build` makes of a (rows, inner) and b (inner, columns), all ones but for a NaN at the
  // beginning of a.
  static std::vector<float> run(std::array<std::int64_t, 3> extents, const Build& build) {
    const auto [rows, inner, columns] = extents;
    Graph graph;
    const Tensor a = input(graph, "a", {DType::f32, {rows, inner}});
    const Tensor b = input(graph, "b", {DType::f32, {inner, columns}});
    graph.fetch("c", build(a, b));
    Session session(open_device(GetParam()), {}, {.check_memory = true});
    Executable program = session.compile(graph, "not finite");
    std::vector<float> values(static_cast<std::size_t>(rows * inner), 1.0f);
    values[0] = kNan;
    program.feed("a", values);
    program.feed("b", std::vector<float>(static_cast<std::size_t>(inner * columns), 1.0f));
    program.run({});
    return program.fetch("c");
  }

  // The first row of the product is NaN, and every other element is `expected`.
  static void expect_first_row(std::array<std::int64_t, 3> extents, const Build& build,
                               float expected) {
    const std::vector<float> c = run(extents, build);
    const auto split = c.begin() + extents[2];
    EXPECT_THAT(std::vector<float>(c.begin(), split), Each(IsNan()));
    EXPECT_THAT(std::vector<float>(split, c.end()), Each(expected));
  }
};

// Small, and large enough that the processor packs operands.
constexpr std::array<std::int64_t, 3> kSmall = {5, 7, 9}, kLarge = {151, 2055, 224};

TEST_P(NotFinite, PassesTheEndsOfProducts) {
  for (const auto& extents : {kSmall, kLarge}) {
    const auto inner = static_cast<float>(extents[1]);
    expect_first_row(
        extents, [](Tensor a, Tensor b) { return relu(matmul(a, b)); }, inner);
    expect_first_row(
        extents, [](Tensor a, Tensor b) { return clamp(matmul(a, b), -3.0f, 3.0f); }, 3.0f);
  }
}

TEST_P(NotFinite, PassesClippingByValue) {
  expect_first_row(
      kSmall, [](Tensor a, Tensor b) { return optim::clip_by_value(matmul(a, b), 2.0f); }, 2.0f);
}

// The norm of all gradients is NaN, and so is what it divides: no gradient passes for a good one.
TEST_P(NotFinite, MakesAllGradientsNanThatTheNormClips) {
  const auto clipped = [](std::size_t which) {
    return [which](Tensor a, Tensor b) {
      return optim::clip_by_norm(std::array{a, b}, 1.0f)[which];
    };
  };
  EXPECT_THAT(run(kSmall, clipped(0)), Each(IsNan()));
  EXPECT_THAT(run(kSmall, clipped(1)), Each(IsNan()));
}

INSTANTIATE_TEST_SUITE_P(Devices, NotFinite, testing::Values("reference", "cpu", "cuda-emulated"));

}  // namespace
}  // namespace trine
