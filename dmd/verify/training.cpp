#include "dmd/verify/training.h"

#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "backends/registry.h"
#include "dmd/models/programs.h"
#include "dmd/models/registry.h"
#include "dmd/verify/measurement.h"
#include "engine/optim/adam.h"
#include "engine/philox.h"

namespace dmd {
namespace {

using trine::Executable;
using trine::Graph;

class Training {
 public:
  Training(const Fixture& fixture, const trine::Session& session, std::span<const float> start)
      : fixture_(fixture), session_(session.another()), declared_(declare(fixture.config)) {
    for (const char* name : {trine::nn::kParameters, trine::nn::kGradients, trine::optim::kAdamMean,
                             trine::optim::kAdamSquare})
      session_.create_state(name, declared_.store.arena_size());
    session_.write_state(trine::nn::kParameters, 0, start);
  }

  TrainingRun run() {
    Executable accumulate = compile_accumulate(fixture_.config);
    Executable apply = compile(
        "apply", [&](Graph& graph) { build_apply(graph, declared_.store, fixture_.config); });
    std::optional<Executable> unclipped;
    if (find(fixture_.expected, "train.grad_norms")) unclipped.emplace(compile_unclipped());
    const auto& columns = declared_.model->golden.curve;
    TrainingRun run{
        .curve = std::vector<std::vector<double>>(columns.size()), .norms = {}, .final_output = {}};
    for (std::int64_t step = 0; step < fixture_.steps; ++step) {
      const FixtureBatch& batch =
          fixture_.batches[static_cast<std::size_t>(step) % fixture_.batches.size()];
      if (unclipped) run.norms.push_back(norm_before_clipping(*unclipped, batch));
      feed(accumulate, batch);
      const trine::RunParams params{
          .step = static_cast<std::uint32_t>(step + 1),
          .learning_rate = static_cast<float>(fixture_.config.learning_rate)};
      accumulate.run(params);
      apply.run(params);
      for (std::size_t c = 0; c < columns.size(); ++c)
        run.curve[c].push_back(accumulate.fetch_scalar(fetch_of_loss(columns[c])));
    }
    run.final_output = final_output();
    return run;
  }

 private:
  template <class Build>
  Executable compile(std::string name, Build build) {
    Graph graph;
    build(graph);
    return session_.compile(graph, std::move(name));
  }

  Executable compile_accumulate(const Config& config) {
    return compile("accumulate", [&](Graph& graph) {
      build_accumulate(graph, declared_.store, config, fixture_.batch_size);
    });
  }

  Executable compile_unclipped() {
    Config unclipped = fixture_.config;
    unclipped.grad_clip = kUnclipped;
    return compile_accumulate(unclipped);
  }

  // Leaves no gradient behind.
  double norm_before_clipping(Executable& unclipped, const FixtureBatch& batch) {
    feed(unclipped, batch);
    unclipped.run({});
    const std::int64_t size = declared_.store.arena_size();
    const double norm = norm_of(session_.read_state(trine::nn::kGradients, 0, size));
    session_.write_state(trine::nn::kGradients, 0,
                         std::vector<float>(static_cast<std::size_t>(size), 0.0f));
    return norm;
  }

  std::vector<double> final_output() {
    Executable program = compile("eval", [&](Graph& graph) {
      build_eval(graph, declared_.store, fixture_.config, fixture_.batch_size);
    });
    feed(program, fixture_.batches.front());
    program.run({});
    return fetched(program, declared_.prediction().name);
  }

  const Fixture& fixture_;
  trine::Session session_;
  Declaration declared_;
};

// Every value moved up or down by its last place, or left, as `seed` draws.
std::vector<float> moved_by_last_place(std::span<const float> values, std::uint32_t seed) {
  std::vector<float> moved(values.begin(), values.end());
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const float draw = trine::random_uniform(seed, /*op_id=*/0, /*step=*/0, i);
    const float limit = std::numeric_limits<float>::infinity();
    if (draw < 1.0f / 3)
      moved[i] = std::nextafter(moved[i], -limit);
    else if (draw < 2.0f / 3)
      moved[i] = std::nextafter(moved[i], limit);
  }
  return moved;
}

// The first step, from 1 on, whose losses differ by more than the tolerance.
std::size_t departure(const Fixture& fixture, const TrainingRun& run, const TrainingRun& from,
                      double tolerance) {
  const auto cut = [](const TrainingRun& whole, std::size_t steps) {
    TrainingRun part{.curve = whole.curve, .norms = {}, .final_output = {}};
    for (std::vector<double>& column : part.curve) column.resize(steps);
    return part;
  };
  std::size_t steps = 1;
  while (steps <= run.curve.front().size() &&
         run_error(fixture, cut(run, steps), cut(from, steps)).largest <= tolerance)
    ++steps;
  return steps;
}

}  // namespace

TrainingRun expected_run(const Fixture& fixture) {
  const std::size_t columns = find_model(fixture.config.model).golden.curve.size();
  const std::vector<double> table = fixture.expect("train.losses").to_f64();
  TrainingRun run{.curve = std::vector<std::vector<double>>(columns),
                  .norms = {},
                  .final_output = fixture.expect("train.final_output_logit").to_f64()};
  for (std::size_t i = 0; i < table.size(); ++i) run.curve[i % columns].push_back(table[i]);
  if (const trine::io::Array* norms = find(fixture.expected, "train.grad_norms"))
    run.norms = norms->to_f64();
  return run;
}

TrainingRun train_run(const Fixture& fixture, const trine::Session& session,
                      std::span<const float> start) {
  return Training(fixture, session, start).run();
}

GroupError run_error(const Fixture& fixture, const TrainingRun& got, const TrainingRun& expected) {
  const auto& columns = find_model(fixture.config.model).golden.curve;
  GroupError error;
  for (std::size_t c = 0; c < columns.size(); ++c)
    error.compare(fmt::format("train.losses[{}]", columns[c]), got.curve[c], expected.curve[c]);
  error.compare("train.grad_norms", got.norms, expected.norms);
  error.compare("train.final_output_logit", got.final_output, expected.final_output);
  return error;
}

RoundedRun find_rounded_run(const Fixture& fixture, std::span<const float> start,
                            const TrainingRun& got, double tolerance, std::uint32_t moved_runs) {
  const trine::Session exact(trine::open_device("reference"));
  const TrainingRun expected = expected_run(fixture);
  if (run_error(fixture, train_run(fixture, exact, start), expected).largest > tolerance) return {};
  for (std::uint32_t seed = 1; seed <= moved_runs; ++seed) {
    const TrainingRun run = train_run(fixture, exact, moved_by_last_place(start, seed));
    const GroupError error = run_error(fixture, got, run);
    if (error.largest > tolerance) continue;
    return {.found = true,
            .error = error,
            .meaning = fmt::format(
                "train is compared with a run in double from parameters moved by f32's last place: "
                "it leaves the fixture's run at step {} of {}, where rounding decides, and so does "
                "this device's",
                departure(fixture, run, expected, tolerance), fixture.steps)};
  }
  return {};
}

}  // namespace dmd
