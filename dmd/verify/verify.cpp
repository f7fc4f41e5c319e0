#include "dmd/verify/verify.h"

#include <array>

#include "dmd/model/losses.h"
#include "dmd/model/model.h"
#include "dmd/model/programs.h"
#include "dmd/verify/fixture.h"
#include "dmd/verify/golden_program.h"
#include "engine/optim/adam.h"

namespace dmd {
namespace {

using trine::nn::Parameter;
using trine::nn::ParameterStore;

// Some expected values are zero in theory and hold noise, as f32 arithmetic then does. These floors
// lie far above that noise divided by a tolerance, and below what is not zero in theory.
constexpr double kValueFloor = 1e-4;
constexpr double kGradientFloor = 1e-5;

// The columns of train.losses, by our names.
constexpr std::array<std::string_view, 11> kCurveColumns{
    "total",      "task",     "recon",        "cycle",       "ort",       "margin",
    "homo_logit", "homo_reg", "hetero_logit", "hetero_repr", "hetero_reg"};

class Verification {
 public:
  Verification(const std::filesystem::path& folder, Runner& runner)
      : fixture_(read_fixture(folder)),
        runner_(runner),
        store_(declare_parameters(fixture_.config)),
        start_(arena_from(fixture_.parameters, store_)) {}

  VerifyReport run(const Tolerances& tolerances) {
    reset();
    compare_first_batch();
    compare_gradients();
    reset();
    compare_training();
    report_.passed =
        report_.forward.largest <= tolerances.forward && report_.loss.largest <= tolerances.loss &&
        report_.grad.largest <= tolerances.grad && report_.train.largest <= tolerances.train;
    return report_;
  }

 private:
  void reset() {
    runner_.set_state(trine::nn::kParameters, start_);
    const std::vector<float> zeros(start_.size(), 0.0f);
    for (const char* name :
         {trine::nn::kGradients, trine::optim::kAdamMean, trine::optim::kAdamSquare})
      runner_.set_state(name, zeros);
  }

  // Programs are captured with `build`, one of those of programs.h and golden_program.h.
  template <class Build>
  std::unique_ptr<RunnableProgram> compile(std::string name, Build build) {
    trine::Graph graph;
    build(graph);
    return runner_.compile(std::move(graph), std::move(name));
  }

  std::unique_ptr<RunnableProgram> compile_accumulate(const Config& config) {
    return compile("accumulate", [&](trine::Graph& graph) {
      build_accumulate(graph, store_, config, fixture_.batch_size);
    });
  }

  static void feed(RunnableProgram& program, const FixtureBatch& batch) {
    for (const Modality m : kModalities) program.feed(std::string(name_of(m)), batch.features[m]);
    program.feed("labels", batch.labels);
  }

  void compare(GroupError& group, const std::string& name, std::span<const double> got) {
    group.add(name, max_error(name, got, fixture_.expect(name).to_f64(), kValueFloor));
  }

  void compare_first_batch() {
    const auto program = compile("golden", [&](trine::Graph& graph) {
      build_golden(graph, store_, fixture_.config, fixture_.batch_size);
    });
    feed(*program, fixture_.batches.front());
    program->run({});
    for (const auto& entry : fixture_.expected) {
      if (entry.name.starts_with("forward.") || entry.name.starts_with("edges."))
        compare(report_.forward, entry.name, program->fetch(entry.name));
      if (entry.name.starts_with("loss."))
        compare(report_.loss, entry.name, program->fetch(entry.name));
    }
    for (const GraphUnit& unit : {kHomoUnit, kHeteroUnit}) {
      const auto prior = prior_of(unit);
      compare(report_.forward, fmt::format("prior.{}", unit.name),
              std::vector<double>(prior.begin(), prior.end()));
    }
  }

  void compare_gradients() {
    Config unclipped = fixture_.config;
    unclipped.grad_clip = 1e30;
    const auto program = compile_accumulate(unclipped);
    feed(*program, fixture_.batches.front());
    program->run({});
    const std::vector<double> arena = runner_.state(trine::nn::kGradients, store_.arena_size());
    for (const Parameter& parameter : store_.parameters()) compare_gradient(parameter, arena);
  }

  // A parameter that the fixture gives no gradient for takes no part in the loss: ours must be 0.
  void compare_gradient(const Parameter& parameter, const std::vector<double>& arena) {
    const bool of_unit =
        parameter.name.starts_with("homo.") || parameter.name.starts_with("hetero.");
    const std::string name = fmt::format("grad.{}{}", of_unit ? "" : "model.", parameter.name);
    const auto size = static_cast<std::size_t>(parameter.size());
    const auto got = std::span(arena).subspan(static_cast<std::size_t>(parameter.offset), size);
    const trine::io::Array* stored = find(fixture_.expected, name);
    const std::vector<double> expected = stored ? stored->to_f64() : std::vector<double>(size, 0.0);
    report_.grad.add(name, norm_error(name, got, expected, kGradientFloor));
  }

  void compare_training() {
    const auto accumulate = compile_accumulate(fixture_.config);
    const auto apply =
        compile("apply", [&](trine::Graph& graph) { build_apply(graph, store_, fixture_.config); });
    std::array<std::vector<double>, kCurveColumns.size()> curve;
    for (std::int64_t step = 0; step < fixture_.steps; ++step) {
      feed(*accumulate, fixture_.batches[static_cast<std::size_t>(step) % fixture_.batches.size()]);
      const trine::StepParams params{
          .step = static_cast<std::uint32_t>(step + 1),
          .learning_rate = static_cast<float>(fixture_.config.learning_rate)};
      accumulate->run(params);
      apply->run(params);
      for (std::size_t c = 0; c < curve.size(); ++c)
        curve[c].push_back(accumulate->fetch(fmt::format("loss.{}", kCurveColumns[c])).at(0));
    }
    for (std::size_t c = 0; c < curve.size(); ++c) compare_column(c, curve[c]);
    compare_final_output();
  }

  void compare_column(std::size_t column, std::span<const double> got) {
    const std::vector<double> table = fixture_.expect("train.losses").to_f64();
    std::vector<double> expected;
    for (std::size_t i = column; i < table.size(); i += kCurveColumns.size())
      expected.push_back(table[i]);
    const std::string name = fmt::format("train.losses[{}]", kCurveColumns[column]);
    report_.train.add(name, max_error(name, got, expected, kValueFloor));
  }

  void compare_final_output() {
    const auto program = compile("eval", [&](trine::Graph& graph) {
      build_eval(graph, store_, fixture_.config, fixture_.batch_size);
    });
    feed(*program, fixture_.batches.front());
    program->run({});
    compare(report_.train, "train.final_output_logit", program->fetch("output"));
  }

  Fixture fixture_;
  Runner& runner_;
  ParameterStore store_;
  std::vector<float> start_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify(const std::filesystem::path& folder, Runner& runner,
                    const Tolerances& tolerances) {
  return Verification(folder, runner).run(tolerances);
}

}  // namespace dmd
