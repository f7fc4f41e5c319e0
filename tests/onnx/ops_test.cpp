// Every sample of every op as a model of its own.
#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "backends/conformance/sample_values.h"
#include "engine/evaluate.h"
#include "engine/onnx/export.h"
#include "engine/onnx/rules.h"
#include "engine/ops/attention.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/softmax.h"
#include "engine/ops/state.h"
#include "tests/onnx/runtime.h"
#include "tests/support/errors.h"

namespace trine::onnx {
namespace {

// What inference does not compute: draws, and gradients with an op of their own.
const std::set<std::string_view> kWithoutForm = {"random_uniform", "dropout", "layer_norm_grad"};

Tensors build(Graph& graph, const Sample& sample) {
  Tensors inputs;
  for (const SampleInput& spec : sample.inputs)
    inputs.push_back(input(graph, fmt::format("x{}", inputs.size()), spec.type));
  Tensors outputs = sample.build(graph, inputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) graph.fetch(fmt::format("y{}", i), outputs[i]);
  return outputs;
}

Model exported(const Sample& sample) {
  Graph graph;
  std::vector<Output> outputs;
  build(graph, sample);
  for (const NamedValue& fetch : graph.fetches()) outputs.push_back({fetch.name, fetch.name, ""});
  const nn::ParameterStore none;
  return export_program([&](Graph& g, std::int64_t) { build(g, sample); }, 1, outputs, {none, {}});
}

io::Array array_of(const HostTensor& value) {
  const io::Extents shape(value.type.shape.begin(), value.type.shape.end());
  if (value.type.dtype == DType::f32)
    return io::Array::from(std::vector<float>(value.values.begin(), value.values.end()), shape);
  return io::Array::from(std::vector<std::int64_t>(value.values.begin(), value.values.end()),
                         shape);
}

// A sample as a model, and the runs of it that are compared.
class SampleModel {
 public:
  SampleModel(Comparison& comparison, std::string name, const Sample& sample)
      : comparison_(comparison),
        name_(std::move(name)),
        sample_(sample),
        model_(exported(sample)),
        wanted_(build(graph_, sample)) {
    comparison_.add_model(name_, model_);
  }

  // Inputs as samples draw them.
  Bindings drawn() const {
    Bindings bindings;
    for (std::uint32_t k = 0; k < sample_.inputs.size(); ++k)
      bindings.inputs[fmt::format("x{}", k)] = sample_value(sample_.inputs[k], k, 0);
    return bindings;
  }

  // Outputs by the double-precision references. An input that the outputs do not depend on is none
  // of the model's.
  void add_run(const std::string& run, Bindings bindings) const {
    io::NamedArrays inputs, outputs;
    for (const auto& [input, value] : bindings.inputs)
      if (std::ranges::count(model_.inputs, input, &Port::name) == 1)
        inputs.push_back({input, array_of(value)});
    for (const HostTensor& value : evaluate(graph_, wanted_, bindings))
      outputs.push_back({fmt::format("y{}", outputs.size()), array_of(value)});
    comparison_.add_run(name_, run, inputs, outputs);
  }

  // One input after the other with NaN and infinities in some places. Left out are outputs that are
  // integers, which have no NaN, and the values of attention that hides keys: MatMul multiplies
  // those of hidden keys by 0, and NaN comes out.
  void add_not_finite() const {
    for (const Tensor& output : wanted_)
      if (output.dtype() != DType::f32) return;
    for (std::uint32_t k = 0; k < sample_.inputs.size(); ++k) {
      if (sample_.inputs[k].type.dtype != DType::f32 || (k == 2 && hides_keys())) continue;
      for (const float value : kNotFinite) {
        Bindings bindings = drawn();
        put_not_finite(bindings.inputs[fmt::format("x{}", k)], value, k);
        add_run(fmt::format("x{} {}", k, value), bindings);
      }
    }
  }

 private:
  bool hides_keys() const {
    return std::ranges::any_of(graph_.nodes(), [](const Node& node) {
      return node.op->name == "attention" &&
             (node.attrs.has("causal_offset") || node.attrs.integer("masked"));
    });
  }

  Comparison& comparison_;
  std::string name_;
  const Sample& sample_;
  Model model_;
  Graph graph_;
  Tensors wanted_;
};

void add_sample(Comparison& comparison, const std::string& name, const Sample& sample) {
  const SampleModel model(comparison, name, sample);
  model.add_run("sample", model.drawn());
}

bool draws(const OpDef& op, const Sample& sample) {
  return op.name == "attention" && sample.label.ends_with("dropout");
}

TEST(OnnxOps, SamplesAgreeWithOnnxRuntime) {
  TRINE_NEEDS_ONNX_RUNTIME();
  Comparison comparison;
  for (const OpDef* op : all_ops()) {
    if (!op->samples || kWithoutForm.contains(op->name)) continue;
    int number = 0;
    for (const Sample& sample : op->samples())
      if (!draws(*op, sample))
        add_sample(comparison, fmt::format("{}-{}", op->name, number++), sample);
  }
  comparison.expect_agreement();
}

TEST(OnnxOps, NotFiniteAgreesWithOnnxRuntime) {
  TRINE_NEEDS_ONNX_RUNTIME();
  Comparison comparison;
  for (const OpDef* op : all_ops()) {
    if (!op->samples || kWithoutForm.contains(op->name)) continue;
    int number = 0;
    for (const Sample& sample : op->samples())
      if (!draws(*op, sample))
        SampleModel(comparison, fmt::format("{}-{}", op->name, number++), sample).add_not_finite();
  }
  comparison.expect_agreement();
}

Sample sample_of(std::string label, std::vector<SampleInput> inputs,
                 std::function<Tensors(Graph&, const Tensors&)> build) {
  return {std::move(label), std::move(inputs), std::move(build)};
}

// Rows to which no column is visible.
TEST(OnnxOps, BlindRowsAreZeros) {
  TRINE_NEEDS_ONNX_RUNTIME();
  const SampleInput heads{{DType::f32, {2, 4, 2, 3}}}, no_keys{{DType::i32, {2, 4}}, 0, 1};
  Comparison comparison;
  add_sample(comparison, "softmax",
             sample_of("", {{{DType::f32, {5, 4}}}},
                       [](Graph&, const Tensors& t) { return Tensors{trine::softmax(t[0], -2)}; }));
  add_sample(comparison, "causal",
             sample_of("", {heads, heads, heads}, [](Graph&, const Tensors& t) {
               return Tensors{trine::attention(t[0], t[1], t[2], {.causal_offset = -1})};
             }));
  add_sample(
      comparison, "padded",
      sample_of("", {heads, heads, heads, no_keys}, [](Graph&, const Tensors& t) {
        const Tensor mask = cast(t[3], DType::f32);
        return Tensors{trine::attention(t[0], t[1], t[2], {.causal_offset = 1, .key_mask = mask})};
      }));
  comparison.expect_agreement();
}

TEST(OnnxOps, OnlyWhatInferenceLacksHasNoForm) {
  for (const OpDef* op : all_ops()) {
    if (!op->samples) continue;
    for (const Sample& sample : op->samples()) {
      SCOPED_TRACE(fmt::format("{}/{}", op->name, sample.label));
      if (kWithoutForm.contains(op->name) || draws(*op, sample))
        EXPECT_THAT(error_of([&] { exported(sample); }),
                    testing::StartsWith(fmt::format("ONNX: {}", op->name)));
      else
        EXPECT_FALSE(exported(sample).operations.empty());
    }
  }
}

}  // namespace
}  // namespace trine::onnx
