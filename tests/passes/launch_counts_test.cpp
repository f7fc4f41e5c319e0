// What a training step costs a device in launches and barriers. The bounds are what the passes
// reach today; who raises one says why.
#include <gtest/gtest.h>

#include "backends/null/null.h"
#include "backends/session.h"
#include "engine/optim/adam.h"
#include "tests/support/dmd_programs.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

// The plan of a program through the null device, which takes any plan and runs none.
Plan planned(const Graph& graph, const dmd::Config& config) {
  Session session(make_null_backend());
  const std::int64_t elements = dmd::declare(config).store.arena_size();
  for (const char* arena : {nn::kParameters, nn::kGradients, optim::kAdamMean, optim::kAdamSquare})
    session.create_state(arena, elements);
  return session.compile(graph, "counted").plan();
}

int count_launches(const Plan& plan, std::string_view op) {
  return static_cast<int>(std::ranges::count_if(
      plan.steps, [&](const Step& step) { return step.op && step.op->name == op; }));
}

struct Bounds {
  const char* model;
  int launches, waves;

  friend void PrintTo(const Bounds& bounds, std::ostream* stream) { *stream << bounds.model; }
};

class Accumulate : public testing::TestWithParam<Bounds> {
 protected:
  const Plan plan_ =
      planned(dmd::accumulate_graph(GetParam().model, 16), dmd::standard_config(GetParam().model));
};

TEST_P(Accumulate, StaysWithinItsLaunchesAndWaves) {
  EXPECT_LE(plan_.steps.size(), static_cast<std::size_t>(GetParam().launches));
  EXPECT_LE(plan_.waves, GetParam().waves);
}

// Nine transformers of four layers, then three more: eight layers deep, if equal layers go
// together. Last layers have one query and attend without a mask, which is another launch.
TEST_P(Accumulate, RunsTheTransformersLayerByLayer) {
  EXPECT_LE(count_launches(plan_, "attention"), 13);
  EXPECT_LE(count_launches(plan_, "attention_grad"), 13);
}

INSTANTIATE_TEST_SUITE_P(Models, Accumulate,
                         testing::Values(Bounds{"mosi", 305, 166}, Bounds{"mosei", 310, 165}),
                         [](const auto& instance) { return instance.param.model; });

TEST(Apply, IsAFewLaunches) {
  const Plan plan = planned(dmd::apply_graph("mosi"), dmd::standard_config("mosi"));
  EXPECT_LE(plan.steps.size(), 4u);
  EXPECT_LE(plan.waves, 3);
}

// ---- DHMD ----

class DhmdAccumulate : public testing::Test {
 protected:
  const Plan plan_ =
      planned(dmd::accumulate_graph("mosi", 8, "dhmd"), dmd::standard_config("mosi", "dhmd"));

  // Launches of the op whose first member is in one of the dictionaries.
  int count_look_ups(std::string_view op) const {
    return static_cast<int>(std::ranges::count_if(plan_.steps, [&](const Step& step) {
      return step.op && step.op->name == op && in_dictionary(step);
    }));
  }
  static bool in_dictionary(const Step& step) {
    return step.scope.starts_with("homo_dict") || step.scope.starts_with("hetero_dict");
  }
};

TEST_F(DhmdAccumulate, StaysWithinItsLaunchesAndWaves) {
  EXPECT_LE(plan_.steps.size(), 445u);
  EXPECT_LE(plan_.waves, 245);
}

// Three modalities ask a dictionary through networks of equal layers: each layer is one launch, and
// on the way back both dictionaries share it.
TEST_F(DhmdAccumulate, AsksADictionaryForAllModalitiesAtOnce) {
  for (const Step& step : plan_.steps) {
    if (!in_dictionary(step)) continue;
    EXPECT_GE(step.members.size(), 2u) << kernel_name(step) << " in " << step.scope;
    if (step.op && step.op->name == "sparsemax") {
      EXPECT_EQ(step.members.size(), 3u);
    }
    if (step.op && step.op->name == "layer_norm_grad") {
      EXPECT_EQ(step.members.size(), 6u);
    }
  }
  EXPECT_EQ(count_look_ups("sparsemax"), 2);
  EXPECT_EQ(count_look_ups("layer_norm_grad"), 1);
}

// Stretches of three rates lie between one another; each is updated where it lies.
TEST(DhmdApply, IsOneLaunchForAllRates) {
  const Plan plan = planned(dmd::apply_graph("mosi", "dhmd"), dmd::standard_config("mosi", "dhmd"));
  EXPECT_LE(plan.steps.size(), 5u);
  EXPECT_LE(plan.waves, 4);
  EXPECT_LE(plan.workspace_bytes(), 1024);
}

}  // namespace
}  // namespace trine
