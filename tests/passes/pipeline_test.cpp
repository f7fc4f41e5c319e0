#include "engine/passes/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/ops/elementwise.h"
#include "tests/support/errors.h"
#include "tests/support/plans.h"

namespace trine {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// The passes that are on.
std::vector<std::string> on(std::string_view text) {
  const PassOptions options = PassOptions::parse(text);
  std::vector<std::string> names;
  if (options.simplify) names.emplace_back("simplify");
  if (options.fuse) names.emplace_back("fuse");
  if (options.batch) names.emplace_back("batch");
  if (options.reuse) names.emplace_back("reuse");
  return names;
}

TEST(PassOptions, AreAllOnUnlessSaidOtherwise) {
  EXPECT_THAT(on(""), ElementsAre("simplify", "fuse", "batch", "reuse"));
  EXPECT_THAT(on("all"), ElementsAre("simplify", "fuse", "batch", "reuse"));
}

TEST(PassOptions, SwitchOneAfterTheOther) {
  EXPECT_THAT(on("-fuse,-batch"), ElementsAre("simplify", "reuse"));
  EXPECT_THAT(on("none"), ElementsAre());
  EXPECT_THAT(on("none,+fuse"), ElementsAre("fuse"));
  EXPECT_THAT(on("-fuse,all"), ElementsAre("simplify", "fuse", "batch", "reuse"));
}

TEST(PassOptions, RefuseUnknownWords) {
  for (const char* word : {"-fusion", "fuse", "+", "x", "-fuse,~batch"})
    EXPECT_THAT(error_of([&] { PassOptions::parse(word); }),
                AllOf(HasSubstr("is not a switch"), HasSubstr("simplify, fuse, batch, reuse")))
        << word;
}

std::vector<std::string> observed(std::string_view passes) {
  Graph graph;
  graph.fetch("y", exp(f32_input(graph, "x", {3})));
  std::vector<std::string> names;
  planned(graph, "test", PassOptions::parse(passes),
          [&](std::string_view pass, const std::string& text) {
            EXPECT_THAT(text, HasSubstr("exp")) << pass;
            names.emplace_back(pass);
          });
  return names;
}

TEST(Pipeline, ShowsWhatEachPassMade) {
  EXPECT_THAT(observed("all"),
              ElementsAre("capture", "simplify", "lower", "fuse", "schedule", "batch", "memory"));
  EXPECT_THAT(observed("none"), ElementsAre("capture", "lower", "schedule", "memory"));
}

TEST(Pipeline, CountsTheNodesThatWereCaptured) {
  Graph graph;
  const Tensor x = f32_input(graph, "x", {3});
  graph.fetch("y", exp(x) + exp(x));
  EXPECT_EQ(planned(graph, "test").nodes, 4);
}

}  // namespace
}  // namespace trine
