// Products large enough that the processor packs their operands, which the samples of matmul are
// not: against the double-precision reference.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "backends/registry.h"
#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"
#include "tests/support/draws.h"

namespace trine {
namespace {

// No multiple of a tile's rows; sums in three passes; columns for strips of every level.
constexpr std::int64_t kRows = 151, kInner = 2055, kColumns = 224;

using Build = Tensor (*)(Graph&);

// What a program gives for the inputs "a" and "b", run twice so that the second starts from used
// memory; the state "total" holds draws.
std::vector<float> run(const char* device, Build build) {
  Graph graph;
  graph.fetch("c", build(graph));
  Session session(open_device(device), {}, {.check_memory = true});
  session.create_state("total", kRows * kColumns);
  Executable program = session.compile(graph, "product");
  for (int time = 0; time < 2; ++time) {
    session.write_state("total", 0, draws(3, kRows * kColumns));
    program.feed("a", draws(1, kRows * kInner));
    program.feed("b", draws(2, kInner * kColumns));
    program.run({});
  }
  std::vector<float> values = program.fetch("c");
  const std::vector<float> total = session.read_state("total", 0, kRows * kColumns);
  values.insert(values.end(), total.begin(), total.end());
  return values;
}

void expect_reference(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    ASSERT_NEAR(actual[i], expected[i], 1e-5 * std::sqrt(static_cast<double>(kInner))) << i;
}

Tensor in(Graph& graph, const char* name, std::int64_t rows, std::int64_t columns) {
  return input(graph, name, {DType::f32, {rows, columns}});
}

class PackedProduct : public testing::TestWithParam<std::pair<const char*, Build>> {};

TEST_P(PackedProduct, EqualsTheReference) {
  const Build build = GetParam().second;
  expect_reference(run("cpu", build), run("reference", build));
}

INSTANTIATE_TEST_SUITE_P(
    Operands, PackedProduct,
    testing::Values(std::pair<const char*, Build>{"RowsAndRows",
                                                  [](Graph& g) {
                                                    return matmul(in(g, "a", kRows, kInner),
                                                                  in(g, "b", kInner, kColumns));
                                                  }},
                    std::pair<const char*, Build>{"RowsAndColumns",
                                                  [](Graph& g) {
                                                    return gelu(matmul(
                                                        in(g, "a", kRows, kInner),
                                                        transpose(in(g, "b", kColumns, kInner))));
                                                  }},
                    std::pair<const char*, Build>{
                        "ColumnsAndRowsOntoAState",
                        [](Graph& g) {
                          const Tensor total = state(g, "total", 0, {kRows, kColumns});
                          const Tensor product = matmul(transpose(in(g, "a", kInner, kRows)),
                                                        in(g, "b", kInner, kColumns));
                          assign(total, clamp(total + product, -20.0f, 20.0f));
                          return total;
                        }}),
    [](const auto& param) { return param.param.first; });

// Parameters are packed once and again when they have changed.
TEST(PackedParameters, FollowTheirState) {
  constexpr std::int64_t kFew = 5, kOut = 256, kIn = 300;
  Graph graph;
  const Tensor weight = state(graph, "weight", 0, {kOut, kIn});
  graph.fetch("c", relu(matmul(in(graph, "a", kFew, kIn), transpose(weight))));
  const auto results = [&](const char* device) {
    Session session(open_device(device), {}, {.check_memory = true});
    session.create_state("weight", kOut * kIn);
    Executable program = session.compile(graph, "product");
    program.feed("a", draws(1, kFew * kIn));
    std::vector<float> all;
    for (const std::uint32_t id : {4u, 5u}) {
      session.write_state("weight", 0, draws(id, kOut * kIn));
      program.run({});
      const std::vector<float> values = program.fetch("c");
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  };
  const std::vector<float> actual = results("cpu");
  expect_reference(actual, results("reference"));
  EXPECT_FALSE(
      std::equal(actual.begin(), actual.begin() + kFew * kOut, actual.begin() + kFew * kOut));
}

}  // namespace
}  // namespace trine
