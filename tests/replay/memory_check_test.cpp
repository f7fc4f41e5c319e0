// The memory check must fire: plans spoiled on purpose, run under it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "backends/cpu/cpu.h"
#include "engine/ops/matmul.h"
#include "engine/ops/state.h"
#include "engine/passes/pipeline.h"
#include "tests/support/errors.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

using testing::HasSubstr;

// x x x, the second product reading what the first wrote.
Plan two_products() {
  Graph graph;
  const Tensor x = input(graph, "x", {DType::f32, {8, 8}});
  graph.fetch("y", matmul(matmul(x, x), x));
  return planned(graph, "spoiled");
}

struct Checked {
  explicit Checked(Plan plan)
      : plan_(std::make_shared<const Plan>(std::move(plan))),
        program_(backend_->compile(plan_,
                                   [](const Buffer& buffer) -> DeviceBuffer& {
                                     fail("the plan has a state '{}'", buffer.name);
                                   },
                                   {.check_memory = true})) {
    const std::vector<float> ones(64, 1.0f);
    program_->write(plan_->feeds[0], std::as_bytes(std::span(ones)));
  }

  std::vector<float> run() {
    program_->run({});
    std::vector<float> values(64);
    program_->read(plan_->fetches[0], std::as_writable_bytes(std::span(values)));
    return values;
  }

 private:
  std::unique_ptr<Backend> backend_ = make_cpu_backend(1);
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Program> program_;
};

TEST(MemoryCheck, PassesAProgramThatKeepsToItsPlaces) {
  Checked program(two_products());
  for (int run = 0; run < 3; ++run) EXPECT_THAT(program.run(), testing::Each(64.0f));
}

TEST(MemoryCheck, ShowsAValueThatNothingWroteAsNaN) {
  Plan plan = two_products();
  plan.steps.erase(plan.steps.begin());
  Checked program(std::move(plan));
  EXPECT_TRUE(std::isnan(program.run().front()));
}

TEST(MemoryCheck, ThrowsAfterAWriteBehindTheWorkspace) {
  Plan plan = two_products();
  plan.steps[0].members[0].outputs[0].offset = plan.workspace_bytes() / 4 - 32;
  Checked program(std::move(plan));
  EXPECT_THAT(error_of([&] { program.run(); }),
              HasSubstr("'spoiled' wrote outside its workspace: 0 bytes after it"));
}

TEST(MemoryCheck, ThrowsAfterAWriteBeforeTheWorkspace) {
  Plan plan = two_products();
  plan.steps[0].members[0].outputs[0].offset = -64;
  Checked program(std::move(plan));
  EXPECT_THAT(error_of([&] { program.run(); }), HasSubstr("256 bytes before it"));
}

}  // namespace
}  // namespace trine
