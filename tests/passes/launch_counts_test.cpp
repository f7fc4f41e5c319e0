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

}  // namespace
}  // namespace trine
