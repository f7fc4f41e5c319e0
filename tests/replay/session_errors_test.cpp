// What a session says when a program and the world do not fit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/null/null.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/softmax.h"
#include "tests/replay/sessions.h"
#include "tests/support/errors.h"

namespace trine {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SessionErrors : public testing::Test {
 protected:
  Executable compiled() {
    Graph graph;
    const Tensor x = input(graph, "text", {DType::f32, {2, 3}});
    const Tensor ids = input(graph, "ids", {DType::i32, {4}});
    graph.fetch("twice", x * 2.0f);
    graph.fetch("ids", ids);
    return session_.compile(graph, "eval");
  }

  Session session_ = open({"cpu", "all"});
};

TEST_F(SessionErrors, NameTheStateThatIsMissing) {
  Graph graph;
  graph.fetch("y", exp(state(graph, "moments", 0, {4})));
  EXPECT_THAT(error_of([&] { session_.compile(graph, "apply"); }),
              AllOf(HasSubstr("no state named 'moments'"), HasSubstr("create_state()")));
  EXPECT_THAT(error_of([&] { session_.read_state("moments", 0, 1); }), HasSubstr("'moments'"));
}

TEST_F(SessionErrors, NameAStateThatIsTooSmall) {
  session_.create_state("moments", 3);
  Graph graph;
  graph.fetch("y", exp(state(graph, "moments", 0, {4})));
  EXPECT_THAT(error_of([&] { session_.compile(graph, "apply"); }),
              HasSubstr("'apply' uses 16 bytes of the state 'moments', which has 12"));
}

TEST_F(SessionErrors, RefuseAStateOfAnotherSize) {
  session_.create_state("moments", 3);
  session_.write_state("moments", 0, floats({1, 2, 3}));
  EXPECT_NO_THROW(session_.create_state("moments", 3));
  EXPECT_THAT(session_.read_state("moments", 0, 3), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(error_of([&] { session_.create_state("moments", 4); }),
              HasSubstr("'moments' exists with 12 bytes, and 16 were asked for"));
}

TEST_F(SessionErrors, ListTheInputsThereAre) {
  Executable program = compiled();
  EXPECT_THAT(error_of([&] { program.feed("audio", floats({1})); }),
              HasSubstr("'eval' has no input named 'audio'; it has text, ids"));
}

TEST_F(SessionErrors, NameBothSizesOfAnInput) {
  Executable program = compiled();
  EXPECT_THAT(error_of([&] {
                program.feed("text", floats({1, 2, 3}));
              }),
              AllOf(HasSubstr("'text' is f32(2, 3)"), HasSubstr("3 values of f32")));
}

TEST_F(SessionErrors, RefuseAnInputOfAnotherType) {
  Executable program = compiled();
  EXPECT_THAT(error_of([&] {
                program.feed("ids", floats({1, 2, 3, 4}));
              }),
              AllOf(HasSubstr("'ids' is i32(4)"), HasSubstr("4 values of f32")));
}

TEST_F(SessionErrors, ListTheFetchedValuesThereAre) {
  const Executable program = compiled();
  EXPECT_THAT(error_of([&] { program.fetch("loss"); }),
              HasSubstr("no fetched value named 'loss'; it has twice, ids"));
  EXPECT_THAT(error_of([&] { program.fetch_scalar("twice"); }),
              HasSubstr("'twice' has 6 values and one was asked for"));
  EXPECT_THAT(error_of([&] { program.fetch("ids"); }), HasSubstr("'ids' is i32(4)"));
}

// A device that has no softmax.
class WithoutSoftmax final : public Backend {
 public:
  DeviceInfo info() const override { return device_->info(); }
  std::string unsupported(const Step& step) const override {
    return kernel_name(step) == "softmax" ? "this device has no softmax; run it on the cpu" : "";
  }
  Fusion fusion() const override { return {}; }
  std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) override {
    return device_->allocate(bytes);
  }
  std::unique_ptr<Program> compile(std::shared_ptr<const Plan> plan, const StateBinding& states,
                                   const CompileOptions& options) override {
    require_supported(*this, *plan);
    return device_->compile(std::move(plan), states, options);
  }

 private:
  std::unique_ptr<Backend> device_ = make_null_backend();
};

TEST(UnsupportedStep, IsNamedWithItsPlaceAndTheRemedy) {
  Graph graph;
  {
    const Scope unit(graph, "homo"), edges(graph, "edges");
    graph.fetch("y", softmax(input(graph, "x", {DType::f32, {2, 6}})));
  }
  Session session(std::make_unique<WithoutSoftmax>());
  EXPECT_EQ(error_of([&] { session.compile(graph, "eval"); }),
            "softmax in homo.edges: this device has no softmax; run it on the cpu");
}

TEST(NullDevice, PlansAndRefusesToRun) {
  Graph graph;
  graph.fetch("y", exp(input(graph, "x", {DType::f32, {2}})));
  Session session(make_null_backend());
  Executable program = session.compile(graph, "planned");
  EXPECT_EQ(program.plan().steps.size(), 1u);
  EXPECT_THAT(error_of([&] { program.run({}); }), HasSubstr("choose cpu"));
}

}  // namespace
}  // namespace trine
