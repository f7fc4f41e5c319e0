// Optimizers as captured programs against the same rules written out as loops.
#include <gmock/gmock.h>

#include "engine/nn/capture.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/optim/accumulate.h"
#include "engine/optim/adam.h"
#include "engine/optim/clip.h"
#include "engine/optim/plateau.h"
#include "engine/optim/sgd.h"
#include "tests/nn/host_values.h"

namespace trine::optim {
namespace {

using nn::kGradients;
using nn::kParameters;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::Pointwise;

// Two parameters of which one leaves padding in the arena.
class Optimizer : public testing::Test {
 protected:
  Optimizer() {
    store_.declare("a", {3}, nn::kOnes);
    store_.declare("b", {16}, nn::fan_in_uniform(4));
    bindings_ = bindings_for(store_);
    for (const char* arena : {kGradients, kAdamMean, kAdamSquare, kSgdVelocity})
      bindings_.states[arena].assign(static_cast<std::size_t>(store_.arena_size()), 0.0);
  }

  // Other gradients at each step; none where no parameter lies.
  void set_gradients(int step) {
    std::vector<double>& g = bindings_.states[kGradients];
    for (const nn::Parameter& p : store_.parameters())
      for (std::int64_t i = p.offset; i < p.offset + p.size(); ++i)
        g[static_cast<std::size_t>(i)] = std::cos(3.0 * step + 0.9 * static_cast<double>(i));
  }

  const std::vector<double>& arena(const char* name) { return bindings_.states.at(name); }

  Graph graph_;
  nn::ParameterStore store_;
  nn::Capture capture_{graph_, store_, nn::Mode::training};
  Bindings bindings_;
};

TEST_F(Optimizer, AdamFollowsItsPaper) {
  adam(capture_);
  std::vector<double> p = arena(kParameters), m(p.size(), 0.0), v(p.size(), 0.0);
  for (int t = 1; t <= 20; ++t) {
    set_gradients(t);
    const double rate = t < 10 ? 1e-2 : 1e-3;
    bindings_.step = {.step = static_cast<std::uint32_t>(t),
                      .learning_rate = static_cast<float>(rate)};
    evaluate(graph_, {}, bindings_);

    const std::vector<double>& g = arena(kGradients);
    for (std::size_t i = 0; i < p.size(); ++i) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      const double mean = m[i] / (1 - std::pow(0.9, t)), square = v[i] / (1 - std::pow(0.999, t));
      p[i] -= rate * mean / (std::sqrt(square) + 1e-8);
    }
  }
  // Constants are f32, so rates and betas agree to 1e-7.
  EXPECT_THAT(arena(kParameters), Pointwise(DoubleNear(1e-6), p));
  EXPECT_THAT(arena(kAdamMean), Pointwise(DoubleNear(1e-6), m));
  EXPECT_THAT(arena(kAdamSquare), Pointwise(DoubleNear(1e-6), v));
  const std::vector<double> padding(arena(kParameters).begin() + 3,
                                    arena(kParameters).begin() + 16);
  EXPECT_THAT(padding, Each(0.0));
}

TEST_F(Optimizer, SgdGathersMomentum) {
  sgd(capture_, 0.5);
  std::vector<double> p = arena(kParameters), velocity(p.size(), 0.0);
  for (int t = 1; t <= 3; ++t) {
    set_gradients(t);
    bindings_.step.learning_rate = 0.25f;
    evaluate(graph_, {}, bindings_);
    for (std::size_t i = 0; i < p.size(); ++i) {
      velocity[i] = 0.5 * velocity[i] + arena(kGradients)[i];
      p[i] -= 0.25 * velocity[i];
    }
  }
  EXPECT_THAT(arena(kParameters), Pointwise(DoubleNear(1e-12), p));
}

TEST_F(Optimizer, SgdWithoutMomentumNeedsNoArenaForIt) {
  sgd(capture_);
  bindings_.states.erase(kSgdVelocity);
  set_gradients(1);
  bindings_.step.learning_rate = 0.5f;
  const std::vector<double> before = arena(kParameters);
  evaluate(graph_, {}, bindings_);
  EXPECT_DOUBLE_EQ(arena(kParameters)[20], before[20] - 0.5 * arena(kGradients)[20]);
}

TEST_F(Optimizer, GradientsAddUpAndAreClippedEachTime) {
  // d/da sum(2 a) = 2 a time; b takes no part.
  const Tensor a = capture_.parameter("a", {3}, nn::kOnes);
  accumulate_gradients(capture_, sum(a * 2.0f), [](Tensor g) { return clip_by_value(g, 3.0f); });
  bindings_.states[kGradients][16] = 7.0;
  const auto gradient_of_a = [&] { return values_of(store_, bindings_, kGradients, "a"); };
  evaluate(graph_, {}, bindings_);
  EXPECT_THAT(gradient_of_a(), Each(2.0));
  evaluate(graph_, {}, bindings_);
  EXPECT_THAT(gradient_of_a(), Each(3.0));
  EXPECT_EQ(arena(kGradients)[16], 7.0);
}

TEST_F(Optimizer, AParameterUsedTwiceGetsBothGradients) {
  const Tensor a = capture_.parameter("a", {3}, nn::kOnes);
  const Tensor again = capture_.parameter("a", {3}, nn::kOnes);
  accumulate_gradients(capture_, sum(a * again));  // a squared: 2 a = 2
  evaluate(graph_, {}, bindings_);
  EXPECT_THAT(values_of(store_, bindings_, kGradients, "a"), Each(2.0));
}

TEST_F(Optimizer, ZeroingClearsTheWholeArena) {
  set_gradients(1);
  zero_gradients(capture_);
  evaluate(graph_, {}, bindings_);
  EXPECT_THAT(arena(kGradients), Each(0.0));
}

TEST(Clip, ByNormScalesAllAlikeAsPyTorchDoes) {
  Graph graph;
  const Tensor parts[] = {literal(graph, {2}, {3, 0}), literal(graph, {1}, {4})};  // norm 5
  Bindings bindings;
  const auto clipped = evaluate(graph, clip_by_norm(parts, 2.5f), bindings);
  const double scale = 2.5 / (5 + 1e-6);
  EXPECT_THAT(clipped[0].values, ElementsAre(DoubleNear(3 * scale, 1e-12), 0));
  EXPECT_THAT(clipped[1].values, ElementsAre(DoubleNear(4 * scale, 1e-12)));
  const auto kept = evaluate(graph, clip_by_norm(parts, 6.0f), bindings);
  EXPECT_THAT(kept[0].values, ElementsAre(3, 0));
}

// Where the norm is the limit, or below by less than the small addend, gradients still shrink.
TEST(Clip, ByNormCountsTheSmallAddend) {
  Graph graph;
  const Tensor parts[] = {literal(graph, {1}, {1e-3})};
  Bindings bindings;
  EXPECT_NEAR(evaluate(graph, clip_by_norm(parts, 1e-3f), bindings)[0][0], 1e-3 * 1e-3 / 1.001e-3,
              1e-9);
}

TEST(Clip, ByNormLeavesZerosAlone) {
  Graph graph;
  const Tensor parts[] = {literal(graph, {2}, {0, 0})};
  Bindings bindings;
  EXPECT_THAT(evaluate(graph, clip_by_norm(parts, 1.0f), bindings)[0].values, Each(0.0));
}

// The rates after each of a list of losses.
std::vector<double> rates_after(const std::vector<double>& losses, const PlateauOptions& options) {
  PlateauState state{.learning_rate = 1.0};
  std::vector<double> rates;
  for (const double loss : losses) {
    state = after_measuring(loss, state, options);
    rates.push_back(state.learning_rate);
  }
  return rates;
}

TEST(Plateau, FallsAfterMoreThanPatienceMeasurementsWithoutImprovement) {
  const PlateauOptions options{.factor = 0.5, .patience = 1};
  EXPECT_THAT(rates_after({3, 2, 2, 2, 2, 2}, options), ElementsAre(1, 1, 1, 0.5, 0.5, 0.25));
}

TEST(Plateau, CountsAnewAfterAnImprovement) {
  const PlateauOptions options{.factor = 0.5, .patience = 1};
  EXPECT_THAT(rates_after({3, 3, 2, 2, 1, 1, 1}, options), ElementsAre(1, 1, 1, 1, 1, 1, 0.5));
}

TEST(Plateau, TakesLessThanTheThresholdForNothing) {
  const PlateauOptions options{.factor = 0.5, .patience = 0, .threshold = 0.01};
  EXPECT_THAT(rates_after({100, 99.5, 98}, options), ElementsAre(1, 0.5, 0.5));
}

TEST(Plateau, TakesNoNumberForNoImprovement) {
  EXPECT_THAT(rates_after({std::nan(""), std::nan("")}, {.factor = 0.5, .patience = 0}),
              ElementsAre(0.5, 0.25));
}

}  // namespace
}  // namespace trine::optim
