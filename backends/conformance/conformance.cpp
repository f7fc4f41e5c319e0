#include "backends/conformance/conformance.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "backends/conformance/sample_values.h"
#include "backends/session.h"
#include "engine/error.h"
#include "engine/evaluate.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"
#include "engine/passes/autodiff.h"

namespace trine {
namespace {

constexpr int kReplays = 3;
// Below this a result is the difference of larger numbers, whose rounding it carries.
constexpr double kSmallest = 0.1;

enum class Mode { plain, fused, batched };
constexpr std::pair<Mode, std::string_view> kModes[] = {
    {Mode::plain, "plain"}, {Mode::fused, "fused"}, {Mode::batched, "batched"}};

// A sample captured one or more times in a graph, with what must be fetched and compared.
struct Captured {
  Graph graph;
  Tensors results;
  std::vector<std::pair<std::string, SampleInput>> inputs;
  bool makes_integers = false;
};

bool differentiable(const OpDef& op) { return op.vjp != nullptr; }

Tensors sample_inputs(Captured& captured, const Sample& sample, int copy) {
  Tensors inputs;
  for (std::size_t k = 0; k < sample.inputs.size(); ++k) {
    const std::string name = fmt::format("copy{}.input{}", copy, k);
    inputs.push_back(input(captured.graph, name, sample.inputs[k].type));
    captured.inputs.emplace_back(name, sample.inputs[k]);
  }
  return inputs;
}

// Vector-Jacobian products of the sample's outputs with cotangents that are inputs themselves.
Tensors capture_gradients(Captured& captured, const Tensors& inputs, const Tensors& outputs,
                          int copy) {
  Tensors cotangents, wrt;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const std::string name = fmt::format("copy{}.cotangent{}", copy, k);
    cotangents.push_back(input(captured.graph, name, outputs[k].type()));
    captured.inputs.emplace_back(name, SampleInput{outputs[k].type(), -1, 1});
  }
  for (const Tensor& t : inputs)
    if (t.dtype() == DType::f32) wrt.push_back(t);
  Tensors gradients;
  for (const Tensor& g : vector_jacobian(outputs, cotangents, wrt))
    if (g) gradients.push_back(g);
  return gradients;
}

void capture(Captured& captured, const Sample& sample, int copies, bool gradient) {
  for (int copy = 0; copy < copies; ++copy) {
    const Tensors inputs = sample_inputs(captured, sample, copy);
    const Tensors outputs = sample.build(captured.graph, inputs);
    const Tensors wanted = gradient ? capture_gradients(captured, inputs, outputs, copy) : outputs;
    for (const Tensor& t : wanted) {
      // Comparisons read f32; an integer result is converted by the program itself.
      const bool is_float = t.dtype() == DType::f32;
      const Tensor result = is_float ? t : cast(t, DType::f32);
      captured.makes_integers |= !is_float;
      captured.graph.fetch(fmt::format("result{}", captured.results.size()), result);
      captured.results.push_back(result);
    }
  }
}

// NaN for NaN, each infinity for itself, some number for a number.
bool same_kind(double expected, float actual) {
  if (std::isnan(expected)) return std::isnan(actual);
  return std::isinf(expected) ? actual == expected : std::isfinite(actual);
}

// Largest |difference| over the tolerance, infinite where the kinds differ. Exact ops allow none;
// arithmetic allows a few units in the last place of the largest element, growing with the square
// root of the reduction length.
double compare(const HostTensor& expected, const std::vector<float>& actual, bool exact,
               std::int64_t reduction_length) {
  double largest = 0;
  for (double v : expected.values)
    if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
  const double units = 16.0 + 8.0 * std::sqrt(static_cast<double>(reduction_length));
  const double tolerance = exact ? 0.0 : units * 6e-8 * std::max(largest, kSmallest);
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (!same_kind(expected.values[i], actual[i])) return INFINITY;
    if (!std::isfinite(actual[i])) continue;
    const double difference = std::abs(actual[i] - expected.values[i]);
    if (difference > 0) worst = std::max(worst, exact ? INFINITY : difference / tolerance);
  }
  return worst;
}

// Inputs and step of replay number `turn`.
Bindings drawn(const Captured& captured, int turn) {
  Bindings bindings;
  bindings.step = {.seed = 0x1234567890ABCDEFu + static_cast<std::uint64_t>(turn),
                   .step = static_cast<std::uint32_t>(turn + 1),
                   .learning_rate = 0.5f};
  for (std::size_t k = 0; k < captured.inputs.size(); ++k) {
    const auto& [name, spec] = captured.inputs[k];
    bindings.inputs[name] = sample_value(spec, static_cast<std::uint32_t>(k), turn);
  }
  return bindings;
}

// A compiled sample beside its references.
struct Comparison {
  const Captured& captured;
  Executable& program;
  bool exact;
  std::int64_t reduction_length;

  // The largest error of a run.
  double run(Bindings bindings) const {
    for (const auto& [name, value] : bindings.inputs) feed_value(program, name, value);
    program.run(bindings.step);
    const std::vector<HostTensor> expected = evaluate(captured.graph, captured.results, bindings);
    double worst = 0;
    for (std::size_t k = 0; k < expected.size(); ++k)
      worst = std::max(worst, compare(expected[k], program.fetch(fmt::format("result{}", k)), exact,
                                      reduction_length));
    return worst;
  }
};

// Whether NaN has a way in and out: an integer made of it could be anything.
bool takes_not_finite(const Captured& captured) {
  return !captured.makes_integers && std::ranges::any_of(captured.inputs, [](const auto& input) {
    return input.second.type.dtype == DType::f32;
  });
}

class Suite {
 public:
  Suite(const BackendFactory& open, const ConformanceOptions& options,
        const std::function<void(const ConformanceCase&)>& report)
      : open_(open), options_(options), report_(report) {}

  std::vector<ConformanceCase> run() {
    for (const OpDef* op : all_ops()) {
      if (!op->samples) continue;
      for (const Sample& sample : op->samples()) {
        const std::string name = fmt::format("{}/{}", op->name, sample.label);
        if (!glob_match(options_.filter, name)) continue;
        for (const auto& [mode, label] : kModes) {
          if (options_.forward) run_case(*op, sample, name, mode, label, false);
          if (options_.gradient && differentiable(*op))
            run_case(*op, sample, name, mode, label, true);
        }
      }
    }
    return std::move(cases_);
  }

 private:
  void run_case(const OpDef& op, const Sample& sample, const std::string& name, Mode mode,
                std::string_view label, bool gradient) {
    ConformanceCase result{name, fmt::format("{} {}", gradient ? "gradient" : "forward", label)};
    std::optional<ConformanceCase> not_finite;
    try {
      Captured captured;
      capture(captured, sample, mode == Mode::batched ? 2 : 1, gradient);
      if (captured.results.empty()) return;
      const PassOptions passes = PassOptions::parse(mode == Mode::plain ? "none" : "all");
      Session session(open_(), passes, {.check_memory = true});
      Executable program = session.compile(captured.graph, name);
      const Comparison comparison{captured, program, op.exact && !gradient,
                                  sample.reduction_length};
      if (!options_.support_only) {
        for (int turn = 0; turn < kReplays; ++turn)
          result.error = std::max(result.error, comparison.run(drawn(captured, turn)));
        if (takes_not_finite(captured)) not_finite = compare_not_finite(comparison, result);
      }
      judge(result);
    } catch (const Error& error) {
      result.message = error.what();
    }
    add(result);
    if (not_finite) add(*not_finite);
  }

  // The case beside `finite` in which one input after the other is not.
  static ConformanceCase compare_not_finite(const Comparison& comparison,
                                            const ConformanceCase& finite) {
    ConformanceCase result{finite.name, finite.what + ", not finite"};
    const auto& inputs = comparison.captured.inputs;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      const auto& [name, spec] = inputs[k];
      if (spec.type.dtype != DType::f32) continue;
      for (const float value : kNotFinite) {
        Bindings bindings = drawn(comparison.captured, 0);
        put_not_finite(bindings.inputs[name], value, static_cast<std::uint32_t>(k));
        const double error = comparison.run(bindings);
        if (error > 1 && result.message.empty())
          result.message = fmt::format("{} in {}: {}", value, name, complaint(error));
        result.error = std::max(result.error, error);
      }
    }
    result.passed = result.error <= 1;
    return result;
  }

  static std::string complaint(double error) {
    return fmt::format("the largest difference is {:.3g} times the tolerance", error);
  }

  static void judge(ConformanceCase& result) {
    result.passed = result.error <= 1;
    if (!result.passed) result.message = complaint(result.error);
  }

  void add(const ConformanceCase& result) {
    cases_.push_back(result);
    if (report_) report_(result);
  }

  const BackendFactory& open_;
  const ConformanceOptions& options_;
  const std::function<void(const ConformanceCase&)>& report_;
  std::vector<ConformanceCase> cases_;
};

}  // namespace

std::vector<ConformanceCase> run_conformance(
    const BackendFactory& open, const ConformanceOptions& options,
    const std::function<void(const ConformanceCase&)>& report) {
  return Suite(open, options, report).run();
}

bool glob_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*')
    return glob_match(pattern.substr(1), text) ||
           (!text.empty() && glob_match(pattern, text.substr(1)));
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         glob_match(pattern.substr(1), text.substr(1));
}

}  // namespace trine
