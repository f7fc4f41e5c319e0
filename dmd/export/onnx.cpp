#include "dmd/export/onnx.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dmd/config/config_json.h"
#include "dmd/models/programs.h"
#include "dmd/runtime/inference.h"
#include "dmd/text/pretrained.h"
#include "engine/error.h"
#include "engine/onnx/export.h"

namespace dmd {
namespace {

using trine::nn::Parameter;
using trine::nn::ParameterStore;
using trine::onnx::Port;
using Json = nlohmann::ordered_json;

void check_sizes(const Config& config) {
  for (const Modality m : config.modalities) {
    if (config.seq_len(m) > 0 && config.feature_dim(m) > 0) continue;
    trine::fail(
        "the configuration does not say how long and wide the model's {} is: take the sizes from a "
        "feature file with --data, or give them with --set seq_lens=L,A,V --set feature_dims=L,A,V",
        name_of(m));
  }
}

// The encoder joins the model, as it does where it is trained along.
Config with_encoder_inside(Config config) {
  if (config.text_model) config.use_finetune = true;
  return config;
}

// What the checkpoint holds of the model behind its encoder, copied into a whole arena.
void put_model(const Checkpoint& checkpoint, Config config, const ParameterStore& store,
               std::vector<float>& arena) {
  config.use_finetune = false;
  const Declaration model = declare(config);
  const std::vector<float> values = arena_from(checkpoint, model);
  for (const Parameter& parameter : model.store.parameters())
    std::copy_n(values.begin() + parameter.offset, parameter.size(),
                arena.begin() + store.find(parameter.name)->offset);
}

std::vector<float> whole_arena(const Checkpoint& checkpoint, const Config& config,
                               const ParameterStore& store) {
  std::vector<float> arena(static_cast<std::size_t>(store.arena_size()), 0.0f);
  put_model(checkpoint, config, store, arena);
  if (config.text_model) {
    const EncoderWeights weights = encoder_weights(checkpoint, config);
    put_encoder_weights(weights.arrays, weights.source, store, arena);
  }
  return arena;
}

std::vector<trine::onnx::Output> outputs_of(const Checkpoint& checkpoint,
                                            const Declaration& declared) {
  std::vector<trine::onnx::Output> outputs;
  for (const OutputInfo& output : outputs_in(checkpoint, declared.outputs))
    if (output.kind != OutputKind::representation)
      outputs.push_back({output.name, output.name, output.meaning});
  return outputs;
}

std::string meaning_of(const Port& input, const Config& config) {
  if (input.name == "ids")
    return fmt::format("tokens of the {} vocabulary, 0 to {}", name_of(config.text_encoder),
                       config.text_model->vocab_size - 1);
  if (input.name == "mask") return "1 for a token, 0 for padding";
  if (input.name == "segments")
    return fmt::format("segment of a token, 0 to {}", config.text_model->type_vocab_size - 1);
  return "features of time steps; shorter sequences are padded with zeros on the left";
}

Json json_of(const Port& port) {
  Json shape = Json::array();
  for (const trine::onnx::Dimension& dimension : port.shape)
    std::visit([&](const auto& extent) { shape.push_back(extent); }, dimension);
  return {{"shape", shape}, {"meaning", port.meaning}};
}

std::string describe(const std::vector<Port>& ports) {
  Json object = Json::object();
  for (const Port& port : ports) object[port.name] = json_of(port);
  return object.dump();
}

}  // namespace

OnnxModel onnx_model(const Checkpoint& checkpoint, const Config& given,
                     std::optional<std::int64_t> batch) {
  check_sizes(given);
  const Config config = with_encoder_inside(given);
  Declaration declared = declare(config);
  const auto outputs = outputs_of(checkpoint, declared);
  const ModelDef& def = *declared.model;
  OnnxModel made{.store = std::move(declared.store), .arena = {}, .model = {}};
  made.arena = whole_arena(checkpoint, config, made.store);
  made.model = trine::onnx::export_program(
      [&](trine::Graph& graph, std::int64_t size) {
        build_predict(graph, made.store, config, size);
      },
      batch, outputs, {made.store, made.arena});

  trine::onnx::Model& model = made.model;
  for (Port& input : model.inputs) input.meaning = meaning_of(input, config);
  model.name = def.name;
  model.description = fmt::format("{}: what utterances express, from text, voice and face. {}",
                                  def.title, def.paper);
  model.producer = "dmd";
  model.producer_version = DMD_VERSION;
  model.metadata = {{"config", to_json(config)},
                    {"inputs", describe(model.inputs)},
                    {"outputs", describe(model.outputs)}};
  return made;
}

}  // namespace dmd
