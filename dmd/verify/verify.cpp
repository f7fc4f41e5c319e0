#include "dmd/verify/verify.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "dmd/models/programs.h"
#include "dmd/verify/alternatives.h"
#include "dmd/verify/fixture.h"
#include "dmd/verify/measurement.h"
#include "dmd/verify/training.h"

namespace dmd {
namespace {

using trine::nn::Parameter;

// What kValueFloor is for values.
constexpr double kGradientFloor = 1e-5;

// What a fixture may hold in place of a whole gradient: its sum, its Euclidean norm, its product
// with cos(0), cos(1), ..., and its largest magnitude.
std::vector<double> statistics(std::span<const double> gradient) {
  double sum = 0, squares = 0, waves = 0, largest = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    sum += gradient[i];
    squares += gradient[i] * gradient[i];
    waves += gradient[i] * std::cos(static_cast<double>(i));
    largest = std::max(largest, std::abs(gradient[i]));
  }
  return {sum, std::sqrt(squares), waves, largest};
}

class Verification {
 public:
  Verification(const std::filesystem::path& folder, trine::Session& session,
               std::span<const std::string> settings)
      : fixture_(read_fixture(folder, settings)),
        session_(session),
        declared_(declare(fixture_.config)),
        start_(arena_from(fixture_.parameters, declared_)) {}

  VerifyReport run(const Tolerances& tolerances) {
    set_state();
    compare_first_batch();
    compare_gradients();
    compare_training(tolerances.train);
    compare_alternatives(fixture_, session_, report_);
    compare_pieces(fixture_, session_, report_);
    report_.passed =
        report_.forward.largest <= tolerances.forward && report_.loss.largest <= tolerances.loss &&
        report_.grad.largest <= tolerances.grad && report_.train.largest <= tolerances.train;
    return report_;
  }

 private:
  void set_state() {
    for (const char* name : {trine::nn::kParameters, trine::nn::kGradients})
      session_.create_state(name, static_cast<std::int64_t>(start_.size()));
    session_.write_state(trine::nn::kParameters, 0, start_);
    session_.write_state(trine::nn::kGradients, 0, std::vector<float>(start_.size(), 0.0f));
  }

  bool knows(std::string_view name) const { return find(fixture_.expected, name) != nullptr; }

  void compare(GroupError& group, const std::string& name, std::span<const double> got) {
    group.compare(name, got, fixture_.expect(name).to_f64());
  }

  // Activations, edges and priors are compared as one group, losses as another.
  GroupError* group_of(std::string_view name) {
    if (name.starts_with("loss.")) return &report_.loss;
    for (const std::string_view prefix : {"forward.", "edges.", "prior."})
      if (name.starts_with(prefix)) return &report_.forward;
    return nullptr;
  }

  void compare_first_batch() {
    trine::Executable program =
        compile_golden(session_, fixture_.config, declared_, fixture_.batch_size);
    feed(program, fixture_.batches.front());
    program.run({});
    for (const auto& entry : fixture_.expected)
      if (GroupError* group = group_of(entry.name))
        compare(*group, entry.name, fetched(program, entry.name));
  }

  trine::Executable compile_unclipped() {
    Config unclipped = fixture_.config;
    unclipped.grad_clip = kUnclipped;
    trine::Graph graph;
    build_accumulate(graph, declared_.store, unclipped, fixture_.batch_size);
    return session_.compile(graph, "accumulate");
  }

  void compare_gradients() {
    trine::Executable program = compile_unclipped();
    feed(program, fixture_.batches.front());
    program.run({});
    const std::vector<float> arena =
        session_.read_state(trine::nn::kGradients, 0, declared_.store.arena_size());
    for (const Parameter& parameter : declared_.store.parameters())
      compare_gradient(parameter, arena);
    if (knows("grad_norm.model")) compare(report_.grad, "grad_norm.model", {{norm_of(arena)}});
  }

  // Parameters of a companion file are grouped by its name, the others are the model's.
  std::string gradient_name(const std::string& parameter) const {
    const bool of_companion = std::ranges::any_of(
        declared_.model->foreign.companions,
        [&](std::string_view stem) { return parameter.starts_with(fmt::format("{}.", stem)); });
    return fmt::format("{}{}", of_companion ? "" : "model.", parameter);
  }

  // A parameter that the fixture gives no gradient for takes no part in the loss: ours must be 0.
  void compare_gradient(const Parameter& parameter, const std::vector<float>& arena) {
    const std::string owner = gradient_name(parameter.name), name = "grad." + owner;
    const auto begin = arena.begin() + parameter.offset;
    const std::vector<double> got(begin, begin + parameter.size());
    if (const trine::io::Array* stored = find(fixture_.expected, "gradstat." + owner)) {
      const double error = norm_error(name, statistics(got), stored->to_f64(), kGradientFloor);
      return report_.grad.add(name, error);
    }
    const trine::io::Array* stored = find(fixture_.expected, name);
    const std::vector<double> expected =
        stored ? stored->to_f64() : std::vector<double>(got.size(), 0.0);
    report_.grad.add(name, norm_error(name, got, expected, kGradientFloor));
  }

  void compare_training(double tolerance) {
    const TrainingRun got = train_run(fixture_, session_, start_);
    report_.train = run_error(fixture_, got, expected_run(fixture_));
    if (report_.train.largest <= tolerance) return;
    const RoundedRun rounded = find_rounded_run(fixture_, start_, got, tolerance);
    if (!rounded.found) return;
    report_.train = rounded.error;
    report_.note = rounded.meaning;
  }

  Fixture fixture_;
  trine::Session& session_;
  Declaration declared_;
  std::vector<float> start_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify(const std::filesystem::path& folder, trine::Session& session,
                    const Tolerances& tolerances, std::span<const std::string> settings) {
  return Verification(folder, session, settings).run(tolerances);
}

}  // namespace dmd
