#include "dmd/verify/measurement.h"

#include <utility>

#include "dmd/models/programs.h"
#include "dmd/verify/comparison.h"
#include "engine/error.h"

namespace dmd {

Measurement::Measurement(const trine::Session& session, Config config, const Checkpoint& parameters)
    : session_(session.another()), config_(std::move(config)), declared_(declare(config_)) {
  config_.grad_clip = kUnclipped;
  session_.create_state(trine::nn::kParameters, declared_.store.arena_size());
  session_.create_state(trine::nn::kGradients, declared_.store.arena_size());
  session_.write_state(trine::nn::kParameters, 0, arena_from(parameters, declared_));
}

trine::Executable Measurement::evaluate(const FixtureBatch& batch) {
  trine::Executable program = compile_golden(session_, config_, declared_, batch.size);
  feed(program, batch);
  program.run({});
  return program;
}

double Measurement::learn(const FixtureBatch& batch) {
  trine::Executable& program = accumulating(batch.size);
  feed(program, batch);
  program.run({});
  return program.fetch_scalar(fetch_of_loss(declared_.losses.front()));
}

double Measurement::gradient_norm() const {
  return norm_of(session_.read_state(trine::nn::kGradients, 0, declared_.store.arena_size()));
}

trine::Executable& Measurement::accumulating(std::int64_t batch) {
  const auto found = accumulating_.find(batch);
  if (found != accumulating_.end()) return found->second;
  trine::Graph graph;
  build_accumulate(graph, declared_.store, config_, batch);
  return accumulating_.emplace(batch, session_.compile(graph, "accumulate")).first->second;
}

trine::Executable compile_golden(trine::Session& session, const Config& config,
                                 Declaration& declared, std::int64_t batch) {
  const Golden& golden = declared.model->golden;
  if (!golden.capture)
    trine::fail("there are no golden numbers of the model {} to compare with",
                declared.model->name);
  trine::Graph graph;
  trine::nn::Capture capture(graph, declared.store, trine::nn::Mode::evaluation);
  golden.capture(capture, config, capture_inputs(capture, config, batch));
  return session.compile(graph, "golden");
}

void feed(trine::Executable& program, const FixtureBatch& batch) {
  for (const Modality m : kModalities) program.feed(name_of(m), batch.features[m]);
  program.feed("labels", batch.labels);
}

std::vector<double> fetched(const trine::Executable& program, std::string_view name) {
  const std::vector<float> values = program.fetch(name);
  return {values.begin(), values.end()};
}

}  // namespace dmd
