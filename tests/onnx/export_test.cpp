// How programs are translated: names, sizes that follow the batch, what is left out, what is
// refused.
#include "engine/onnx/export.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "engine/nn/capture.h"
#include "engine/nn/layers.h"
#include "engine/onnx/formula.h"
#include "engine/onnx/sizes.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/movement.h"
#include "engine/ops/random.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"
#include "engine/passes/autodiff.h"
#include "tests/onnx/runtime.h"
#include "tests/support/errors.h"

namespace trine::onnx {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// A program with parameters, and the model that comes of it.
class Exported {
 public:
  using Build = std::function<void(nn::Capture&, std::int64_t batch)>;

  explicit Exported(Build build, std::optional<std::int64_t> batch = {}) : build_(build) {
    Graph graph;
    capture(graph, 2);
    for (const NamedValue& fetch : graph.fetches())
      outputs_.push_back({fetch.name, fetch.name, ""});
    arena_ = store_.initial_values(1);
    model_ = export_program([this](Graph& g, std::int64_t b) { capture(g, b); }, batch, outputs_,
                            {store_, arena_});
  }

  const Model& model() const { return model_; }
  std::vector<std::string> types() const {
    std::vector<std::string> types;
    for (const Operation& operation : model_.operations) types.push_back(operation.type);
    return types;
  }

 private:
  void capture(Graph& graph, std::int64_t batch) {
    nn::Capture capture(graph, store_, nn::Mode::evaluation);
    build_(capture, batch);
  }

  Build build_;
  nn::ParameterStore store_;
  std::vector<float> arena_;
  std::vector<Output> outputs_;
  Model model_;
};

Tensor input_of(nn::Capture& capture, const Shape& shape, const std::string& name = "x") {
  return input(capture.graph(), name, {DType::f32, shape});
}

void two_layers(nn::Capture& capture, std::int64_t batch) {
  const Tensor x = input_of(capture, {batch, 6, 4});
  const Scope scope(capture.graph(), "layers.0");
  const Tensor hidden = linear(capture, "fc1", x, 5, nn::LinearInit::xavier);
  capture.graph().fetch("y", linear(capture, "fc2", relu(hidden), 3, nn::LinearInit::xavier));
}

TEST(OnnxExport, NamesFollowTheModel) {
  const Exported made(two_layers);
  std::vector<std::string> names, weights;
  for (const Operation& operation : made.model().operations) names.push_back(operation.name);
  for (const io::NamedArray& initializer : made.model().initializers)
    weights.push_back(initializer.name);
  EXPECT_THAT(names, Contains("layers.0/fc1/MatMul"));
  EXPECT_THAT(names, Contains("layers.0/fc2/Add"));
  EXPECT_THAT(weights, testing::IsSupersetOf({"layers.0.fc1.weight", "layers.0.fc2.bias"}));
}

// Every value has one name, and stands before it is read.
TEST(OnnxExport, OperationsStandInOrder) {
  const Exported made(two_layers);
  std::set<std::string> known;
  for (const Port& port : made.model().inputs) EXPECT_TRUE(known.insert(port.name).second);
  for (const io::NamedArray& initializer : made.model().initializers)
    EXPECT_TRUE(known.insert(initializer.name).second) << initializer.name;
  for (const Operation& operation : made.model().operations) {
    for (const std::string& input : operation.inputs) EXPECT_TRUE(known.contains(input)) << input;
    for (const std::string& output : operation.outputs)
      EXPECT_TRUE(known.insert(output).second) << output;
  }
  for (const Port& port : made.model().outputs) EXPECT_TRUE(known.contains(port.name));
}

TEST(OnnxExport, BatchIsAnyNumberUnlessItIsFixed) {
  const Dimension any = "batch", six = std::int64_t{6}, two = std::int64_t{2};
  const Dimension three = std::int64_t{3}, four = std::int64_t{4};
  EXPECT_THAT(Exported(two_layers).model().inputs[0].shape, ElementsAre(any, six, four));
  EXPECT_THAT(Exported(two_layers).model().outputs[0].shape, ElementsAre(any, six, three));
  EXPECT_THAT(Exported(two_layers, 2).model().inputs[0].shape, ElementsAre(two, six, four));
}

// Operands are not repeated where the operator broadcasts by itself.
TEST(OnnxExport, LeavesBroadcastingToTheOperators) {
  const Exported made([](nn::Capture& capture, std::int64_t batch) {
    const Tensor x = input_of(capture, {batch, 4});
    capture.graph().fetch("y", (x * 2.0f + literal(capture.graph(), {4}, {1, 2, 3, 4})) * x);
  });
  EXPECT_THAT(made.types(), ElementsAre("Mul", "Add", "Mul", "Identity"));
}

// Values whose shape follows the batch and is no operand's: computed when the model runs.
TEST(OnnxExport, RepeatsForTheBatchWhereNothingElseDoes) {
  TRINE_NEEDS_ONNX_RUNTIME();
  const Exported made([](nn::Capture& capture, std::int64_t batch) {
    Graph& graph = capture.graph();
    const Tensor x = input_of(capture, {batch, 2});
    graph.fetch("filled", fill(graph, {batch, 3}, 0.5f));
    graph.fetch("twice", reshape(broadcast_to(unsqueeze(x, 0), {2, batch, 2}), {2 * batch, 2}));
    graph.fetch("behind", slice(reshape(x, {2 * batch}), 0, batch, 2 * batch));
  });
  Comparison comparison;
  comparison.add_model("repeats", made.model());
  comparison.add_run(
      "repeats", "two", {{"x", io::Array::from(std::vector<float>{1, 2, 3, 4}, {2, 2})}},
      {{"filled", io::Array::from(std::vector<float>(6, 0.5f), {2, 3})},
       {"twice", io::Array::from(std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4}, {4, 2})},
       {"behind", io::Array::from(std::vector<float>{3, 4}, {2})}});
  comparison.expect_agreement();
}

TEST(OnnxExport, LeavesOutWhatNoOutputNeeds) {
  nn::ParameterStore none;
  const auto build = [](Graph& graph, std::int64_t batch) {
    const Tensor x = input(graph, "x", {DType::f32, {batch, 4}});
    const Tensor labels = input(graph, "labels", {DType::f32, {batch, 1}});
    graph.fetch("y", exp(x));
    graph.fetch("loss", mean(abs(sum(x, {1}, true) - labels)));
  };
  const Output y{"y", "answer", "what it means"};
  const Model model = export_program(build, {}, {&y, 1}, {none, {}});
  ASSERT_EQ(model.inputs.size(), 1u);
  EXPECT_EQ(model.inputs[0].name, "x");
  EXPECT_EQ(model.outputs[0].name, "answer");
  EXPECT_EQ(model.outputs[0].meaning, "what it means");
  EXPECT_EQ(model.operations.size(), 2u);  // Exp, and Identity for the name
}

TEST(OnnxExport, RefusesWithTheOpAndItsPlace) {
  const auto refused = [](Exported::Build build) {
    return error_of([&] { Exported made(build); });
  };
  EXPECT_THAT(refused([](nn::Capture& capture, std::int64_t batch) {
                const Tensor x = input_of(capture, {batch, 4});
                const Scope scope(capture.graph(), "head");
                capture.graph().fetch("y", dropout(x, 0.5));
              }),
              HasSubstr("ONNX: dropout in head has no form in ONNX models"));
  EXPECT_THAT(refused([](nn::Capture& capture, std::int64_t batch) {
                const Scope scope(capture.graph(), "head");
                capture.graph().fetch("y", mean(input_of(capture, {batch, 4}), {0}));
              }),
              HasSubstr("fill in head computes depends on the batch size"));
  EXPECT_THAT(refused([](nn::Capture& capture, std::int64_t batch) {
                const Tensor x = input_of(capture, {batch, 4});
                capture.graph().fetch("y", batch % 2 ? exp(x) : log(x));
                if (batch > 1010) capture.graph().fetch("z", sqrt(x));
              }),
              HasSubstr("export it for one batch size"));
  EXPECT_THAT(refused([](nn::Capture& capture, std::int64_t batch) {
                const Tensor x = input_of(capture, {batch, batch * batch});
                capture.graph().fetch("y", exp(x));
              }),
              HasSubstr("input in the model"));
  EXPECT_THAT(refused([](nn::Capture& capture, std::int64_t batch) {
                const Tensor x = input_of(capture, {batch, 4});
                capture.graph().fetch("y", x + state(capture.graph(), "elsewhere", 0, {4}));
              }),
              HasSubstr("the state 'elsewhere', which is no parameter"));
  EXPECT_THAT(refused([](nn::Capture& capture, std::int64_t batch) {
                const Tensor x = input_of(capture, {batch, 4});
                const Tensor y = layer_norm(capture, "norm", x);
                const Tensor wanted[] = {capture.uses()[0].value};
                capture.graph().fetch("gradient", gradients(sum(square(y)), wanted).front());
              }),
              HasSubstr("norm reads what layer_norm keeps for its gradient"));
  EXPECT_THAT(refused([](nn::Capture& capture, std::int64_t batch) {
                const Tensor x = input_of(capture, {batch, 4}, "y");
                capture.graph().fetch("y", exp(x));
              }),
              HasSubstr("'y' is wanted for two values"));
}

TEST(OnnxSizes, PrintAndBroadcast) {
  EXPECT_EQ(to_string(Sizes{{5}, {0, 1}, {-4, 50}, {2, 1}}), "(5, batch, 50*batch-4, batch+2)");
  const Extent batch{0, 1};
  EXPECT_EQ(broadcast({batch, {1}, {4}}, {{3}, {1}}), (Sizes{batch, {3}, {4}}));
  EXPECT_EQ(broadcast({{4}}, {batch, {1}}), (Sizes{batch, {4}}));
  EXPECT_THAT(error_of([&] { broadcast({batch}, {{4}}); }), HasSubstr("(batch) and (4)"));
}

// ---- Expressions of rows ----

std::string shown(const Formula& formula) {
  if (formula.kind == Formula::Kind::number) return fmt::format("{}", formula.number);
  if (formula.kind == Formula::Kind::variable) return std::string(1, "xyz"[formula.variable]);
  std::string text = "(" + formula.name;
  for (const Formula& operand : formula.operands) text += " " + shown(operand);
  return text + ")";
}

TEST(OnnxFormula, BindsAsInC) {
  EXPECT_EQ(shown(parse_formula("x - y - z * 2.0f")), "(- (- x y) (* z 2))");
  EXPECT_EQ(shown(parse_formula("-x * -1.5f")), "(* (negate x) -1.5)");
  EXPECT_EQ(shown(parse_formula("(x + y) / max(z, 1e-3f)")), "(/ (+ x y) (max z 0.001))");
  EXPECT_EQ(shown(parse_formula("x + 1.0f >= y ? x : y < z ? 1.0f : 0.0f")),
            "(?: (>= (+ x 1) y) x (?: (< y z) 1 0))");
  EXPECT_EQ(shown(parse_formula("x != 0.0f ? expm1(x) : y")), "(?: (!= x 0) (expm1 x) y)");
}

TEST(OnnxFormula, ReadsEveryRowOfTheTable) {
  for (const ElementwiseFn& fn : elementwise_fns()) EXPECT_NO_THROW(parse_formula(fn.expression));
}

TEST(OnnxFormula, RefusesWhatIsNoExpression) {
  for (const char* text : {"", "x +", "(x", "x y", "w", "max(x", "x ? y", "1.0f..", "x % y"})
    EXPECT_THAT(error_of([&] { parse_formula(text); }), HasSubstr("cannot be read at")) << text;
}

}  // namespace
}  // namespace trine::onnx
