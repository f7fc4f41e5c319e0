#include "engine/nn/transformer.h"

#include <set>

#include <gmock/gmock.h>

#include "engine/error.h"
#include "engine/nn/multi_head_attention.h"
#include "engine/nn/positions.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"
#include "tests/nn/host_values.h"

namespace trine::nn {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

std::vector<double> run(const Graph& graph, const ParameterStore& store, Tensor wanted,
                        const HostTensor& x, const HostTensor& other = {}) {
  Bindings bindings = bindings_for(store);
  bindings.inputs["x"] = x;
  bindings.inputs["other"] = other;
  return evaluate(graph, {wanted}, bindings)[0].values;
}

TEST(Sinusoids, AreSinesThenCosinesFromStepOneOn) {
  // Width 5: half = 2, frequencies 1 and 1/10000, and a last column of zeros.
  const std::vector<float> table = sinusoid_table(2, 5);
  const double expected[] = {std::sin(1.0), std::sin(1e-4), std::cos(1.0), std::cos(1e-4), 0,
                             std::sin(2.0), std::sin(2e-4), std::cos(2.0), std::cos(2e-4), 0};
  EXPECT_THAT(in_double(table), Pointwise(DoubleNear(1e-7), expected));
}

TEST(Sinusoids, NeedTwoFrequencies) {
  EXPECT_THAT([] { sinusoid_table(4, 3); }, ThrowsMessage<Error>(HasSubstr("at least 4")));
}

TEST(Positions, LeavePaddingAlone) {
  Graph graph;
  ParameterStore store;
  Capture capture(graph, store, Mode::evaluation);
  const Tensor y = with_positions(capture, input(graph, "x", {DType::f32, {2, 3, 4}}));
  HostTensor x = wavy({2, 3, 4}, 0.5);
  for (std::int64_t i = 0; i < 8; ++i) x[i] = 0;  // sample 0 begins with two steps of padding
  const std::vector<double> got = run(graph, store, y, x);
  const std::vector<float> table = sinusoid_table(3, 4);
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], i < 8 ? 0.0 : 2 * x.values[i] + table[i % 12], 1e-12) << i;
}

TEST(Positions, OfOneShapeAreOneLiteral) {
  Graph graph;
  ParameterStore store;
  Capture capture(graph, store, Mode::evaluation);
  EXPECT_EQ(capture.sinusoids(7, 4), capture.sinusoids(7, 4));
  EXPECT_NE(capture.sinusoids(7, 4), capture.sinusoids(8, 4));
}

// Shared products for equal operands are an economy; the result is that of separate ones.
TEST(MultiHeadAttention, GivesTheSameHoweverItsOperandsAreShared) {
  Graph graph;
  ParameterStore store;
  Capture capture(graph, store, Mode::evaluation);
  const Tensor x = input(graph, "x", {DType::f32, {2, 5, 8}});
  const Tensor same = x + 0.0f, again = x + 0.0f;
  const MultiHeadOptions options{.heads = 2, .causal_offset = 1};
  const auto attend = [&](Tensor q, Tensor k, Tensor v) {
    return multi_head_attention(capture, "self_attn", q, k, v, options);
  };
  const Tensor one_product = attend(x, x, x), two = attend(x, same, same);
  const Tensor three = attend(x, same, again);
  const HostTensor values = wavy({2, 5, 8}, 0.6);
  const std::vector<double> expected = run(graph, store, three, values);
  EXPECT_THAT(run(graph, store, one_product, values), Pointwise(DoubleNear(1e-12), expected));
  EXPECT_THAT(run(graph, store, two, values), Pointwise(DoubleNear(1e-12), expected));
  EXPECT_EQ(store.find("self_attn.in_proj_weight")->shape, (Shape{24, 8}));
}

TEST(MultiHeadAttention, RefusesHeadsThatDoNotDivideTheWidth) {
  Graph graph;
  ParameterStore store;
  Capture capture(graph, store, Mode::evaluation);
  const Tensor x = input(graph, "x", {DType::f32, {2, 5, 8}});
  EXPECT_THAT([&] { multi_head_attention(capture, "attn", x, x, x, {.heads = 3}); },
              ThrowsMessage<Error>(HasSubstr("3 heads do not divide the width 8 in attn")));
}

class Transformer : public testing::Test {
 protected:
  Graph graph_;
  ParameterStore store_;
  Capture capture_{graph_, store_, Mode::evaluation};
  Tensor x_ = input(graph_, "x", {DType::f32, {2, 5, 8}});
  Tensor other_ = input(graph_, "other", {DType::f32, {2, 7, 8}});
  TransformerOptions options_{.heads = 2, .levels = 2};
};

TEST_F(Transformer, LastStepAloneEqualsTheLastOfAll) {
  const Tensor all = slice(transformer(capture_, "t", x_, options_), 1, 4, 5);
  const Tensor crossed = slice(cross_transformer(capture_, "c", x_, other_, options_), 1, 4, 5);
  options_.last_step_only = true;
  const Tensor last = transformer(capture_, "t", x_, options_);
  const Tensor last_crossed = cross_transformer(capture_, "c", x_, other_, options_);
  EXPECT_EQ(last.shape(), (Shape{2, 1, 8}));

  const HostTensor x = wavy({2, 5, 8}, 0.7), other = wavy({2, 7, 8}, 0.8);
  EXPECT_THAT(run(graph_, store_, last, x, other),
              Pointwise(DoubleNear(1e-12), run(graph_, store_, all, x, other)));
  EXPECT_THAT(run(graph_, store_, last_crossed, x, other),
              Pointwise(DoubleNear(1e-12), run(graph_, store_, crossed, x, other)));
}

// Of 7 keys, step i of 5 sees those up to i + 2.
TEST_F(Transformer, SeesNothingOfTheFuture) {
  const Tensor y = cross_transformer(capture_, "c", x_, other_, options_);
  const HostTensor x = wavy({2, 5, 8}, 0.7);
  HostTensor other = wavy({2, 7, 8}, 0.8);
  const std::vector<double> before = run(graph_, store_, y, x, other);
  for (std::int64_t b = 0; b < 2; ++b) other[(b * 7 + 5) * 8 + 3] += 1.0;  // key 5
  const std::vector<double> after = run(graph_, store_, y, x, other);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::size_t step = i / 8 % 5;
    if (step + 2 < 5)
      EXPECT_EQ(before[i], after[i]) << i;
    else
      EXPECT_NE(before[i], after[i]) << i;
  }
}

// Without the mask every step sees the last key, and the last layer's one step too.
TEST_F(Transformer, SeesTheFutureWhereItIsNotCausal) {
  options_.causal = false;
  const Tensor y = cross_transformer(capture_, "c", x_, other_, options_);
  options_.last_step_only = true;
  const Tensor last = cross_transformer(capture_, "c", x_, other_, options_);
  const HostTensor x = wavy({2, 5, 8}, 0.7);
  HostTensor other = wavy({2, 7, 8}, 0.8);
  const std::vector<double> before = run(graph_, store_, y, x, other);
  EXPECT_THAT(run(graph_, store_, last, x, other),
              Pointwise(DoubleNear(1e-12), run(graph_, store_, slice(y, 1, 4, 5), x, other)));
  for (std::int64_t b = 0; b < 2; ++b) other[(b * 7 + 6) * 8 + 3] += 1.0;  // the last key
  const std::vector<double> after = run(graph_, store_, y, x, other);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NE(before[i], after[i]) << i;
}

// The mask of the embedding is drawn for the query, for the keys and for the values.
TEST_F(Transformer, DropsQueriesKeysAndValuesOutSeparately) {
  options_ = {.heads = 2, .levels = 1, .embed_dropout = 0.5};
  Capture training(graph_, store_, Mode::training);
  cross_transformer(training, "c", x_, other_, options_);
  cross_transformer(capture_, "c", x_, other_, options_);  // draws nothing
  std::set<std::int64_t> draws;
  for (const Node& node : graph_.nodes())
    if (node.op->name == "dropout") draws.insert(node.attrs.integer("id"));
  EXPECT_EQ(draws.size(), 3u);
}

TEST_F(Transformer, DeclaresTheParametersItWouldUse) {
  transformer(capture_, "t", x_, options_);
  ParameterStore declared;
  Graph graph;
  Capture capture(graph, declared, Mode::evaluation);
  declare_transformer(capture, "t", 8, options_);
  ASSERT_EQ(declared.parameters().size(), store_.parameters().size());
  for (const Parameter& parameter : store_.parameters())
    EXPECT_EQ(declared.find(parameter.name)->shape, parameter.shape) << parameter.name;
}

TEST_F(Transformer, CallsItsParametersAsCheckpointsDo) {
  transformer(capture_, "trans_l_mem", x_, options_);
  std::vector<std::string> names;
  for (const Parameter& parameter : store_.parameters()) names.push_back(parameter.name);
  std::vector<std::string> expected;
  for (const char* layer : {"layers.0.", "layers.1."})
    for (const char* leaf :
         {"layer_norms.0.weight", "layer_norms.0.bias", "self_attn.in_proj_weight",
          "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
          "layer_norms.1.weight", "layer_norms.1.bias", "fc1.weight", "fc1.bias", "fc2.weight",
          "fc2.bias"})
      expected.push_back(fmt::format("trans_l_mem.{}{}", layer, leaf));
  expected.insert(expected.end(), {"trans_l_mem.layer_norm.weight", "trans_l_mem.layer_norm.bias"});
  EXPECT_THAT(names, testing::UnorderedElementsAreArray(expected));
}

}  // namespace
}  // namespace trine::nn
