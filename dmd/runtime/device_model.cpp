#include "dmd/runtime/device_model.h"

#include <utility>

#include <fmt/format.h>

#include "backends/out_of_memory.h"
#include "dmd/text/text_features.h"
#include "engine/error.h"
#include "engine/optim/adam.h"

namespace dmd {
namespace {

using trine::Executable;
using trine::Graph;

// Memory grows with the batch, so what is free says about how many utterances would fit.
[[noreturn]] void fail_out_of_memory(const trine::OutOfMemory& error, std::string_view name,
                                     std::int64_t batch) {
  const auto fits = static_cast<std::int64_t>(static_cast<double>(batch) * error.share());
  const std::string remedy = fits > 0
                                 ? fmt::format("a batch of about {} would fit (batch_size)", fits)
                                 : std::string("not even a batch of 1 would fit");
  trine::fail("{} with a batch of {}: {}; {}", name, batch, error.what(), remedy);
}

// The program of this batch size; `build` captures it if there is none.
template <class Build>
Executable& compiled(std::map<std::int64_t, Executable>& programs, trine::Session& session,
                     std::string_view name, std::int64_t batch, Build build) {
  const auto found = programs.find(batch);
  if (found != programs.end()) return found->second;
  Graph graph;
  build(graph);
  try {
    Executable program = session.compile(graph, fmt::format("{} batch {}", name, batch));
    return programs.emplace(batch, std::move(program)).first->second;
  } catch (const trine::OutOfMemory& error) {
    fail_out_of_memory(error, name, batch);
  }
}

}  // namespace

DeviceModel::DeviceModel(std::shared_ptr<trine::Backend> backend, Config config)
    : config_(std::move(config)),
      declared_(declare(config_)),
      session_(std::move(backend), trine::PassOptions::parse(config_.passes)) {
  session_.create_state(trine::nn::kParameters, parameters().arena_size());
}

void DeviceModel::allocate_training_state() {
  for (const char* name :
       {trine::nn::kGradients, trine::optim::kAdamMean, trine::optim::kAdamSquare})
    session_.create_state(name, parameters().arena_size());
}

std::vector<float> DeviceModel::arena(const char* name) const {
  return session_.read_state(name, 0, parameters().arena_size());
}

void DeviceModel::set_arena(const char* name, const std::vector<float>& values) {
  session_.write_state(name, 0, values);
}

Executable& DeviceModel::accumulate(std::int64_t batch) {
  return compiled(accumulate_, session_, "accumulate", batch,
                  [&](Graph& graph) { build_accumulate(graph, declared_.store, config_, batch); });
}

Executable& DeviceModel::predict(std::int64_t batch) {
  return compiled(predict_, session_, "predict", batch,
                  [&](Graph& graph) { build_predict(graph, declared_.store, config_, batch); });
}

Executable& DeviceModel::represent(std::int64_t batch) {
  return compiled(represent_, session_, "represent", batch,
                  [&](Graph& graph) { build_represent(graph, declared_.store, config_, batch); });
}

Executable& DeviceModel::apply() {
  if (!apply_) {
    Graph graph;
    build_apply(graph, declared_.store, config_);
    apply_ = std::make_unique<Executable>(session_.compile(graph, "apply"));
  }
  return *apply_;
}

void feed(Executable& program, const Batch& batch, const Config& config) {
  if (config.reads(Modality::language)) {
    if (batch.text.empty())
      feed_tokens(program, batch);
    else
      program.feed("text", batch.text);
  }
  if (config.reads(Modality::audio)) program.feed("audio", batch.audio);
  if (config.reads(Modality::vision)) program.feed("vision", batch.vision);
  program.feed("labels", batch.labels);
}

}  // namespace dmd
