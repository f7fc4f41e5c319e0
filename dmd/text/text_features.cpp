#include "dmd/text/text_features.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "dmd/text/encoder.h"
#include "dmd/text/encoder_folder.h"
#include "dmd/text/pretrained.h"
#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::Graph;
using trine::nn::Capture;
using trine::nn::Mode;
using trine::nn::ParameterStore;

void capture_features(Graph& graph, ParameterStore& store, const EncoderConfig& config,
                      std::int64_t batch, std::int64_t tokens) {
  Capture capture(graph, store, Mode::evaluation);
  const TokenTensors inputs = capture_tokens(graph, batch, tokens);
  const trine::Scope scope(graph, kTextModelScope);
  graph.fetch("text", encode(capture, config, inputs));
}

// The parameters do not depend on sizes of a batch.
ParameterStore declare_encoder(const EncoderConfig& config) {
  ParameterStore store;
  Graph graph;
  capture_features(graph, store, config, /*batch=*/1, /*tokens=*/1);
  return store;
}

// One of the three rows of text_bert: values from 0 to below `limit`.
void check_row(const Split& split, const char* what, const std::vector<std::int32_t>& values,
               std::int64_t limit, std::string_view table) {
  const auto bad =
      std::ranges::find_if(values, [&](std::int32_t v) { return v < 0 || v >= limit; });
  if (bad == values.end()) return;
  const std::int64_t at = bad - values.begin();
  const std::string& id = split.ids[static_cast<std::size_t>(at / split.bert.tokens)];
  trine::fail(
      "text_bert of sample '{}' has the {} {} at token {}, and {} from 0 to {}: were the tokens "
      "made for another encoder?",
      trine::io::printable(id), what, *bad, at % split.bert.tokens, table, limit - 1);
}

}  // namespace

EncoderWeights weights_of_folder(const Config& config, const std::filesystem::path& run) {
  if (config.text_encoder_path.empty())
    trine::fail(
        "text_encoder is {} and text_encoder_path is empty: name the folder with the encoder's "
        "config.json and weights",
        name_of(config.text_encoder));
  const std::filesystem::path folder = encoder_folder_of(config.text_encoder_path, run);
  return {read_encoder_weights(folder), folder.string()};
}

void check_tokens(const Split& split, const EncoderConfig& config) {
  if (split.bert.tokens == 0)
    trine::fail(
        "a {} encoder reads the field text_bert, or makes tokens of raw_text, and the data do not "
        "have them: leave text_encoder out, or choose data with tokens or transcripts",
        name_of(config.kind));
  check_row(split, "id", split.bert.ids, config.vocab_size, "the encoder's vocabulary runs");
  check_row(split, "mask", split.bert.mask, 2, "a mask runs");
  check_row(split, "segment", split.bert.segments, config.type_vocab_size,
            "the encoder's segments run");
}

FrozenEncoder::FrozenEncoder(std::shared_ptr<trine::Backend> backend, const Config& config,
                             const EncoderWeights& weights)
    : config_(config.text_model.value()),
      batch_size_(config.batch_size),
      store_(declare_encoder(config_)),
      session_(std::move(backend), trine::PassOptions::parse(config.passes)) {
  std::vector<float> arena(static_cast<std::size_t>(store_.arena_size()), 0.0f);
  put_encoder_weights(weights.arrays, weights.source, store_, arena);
  session_.create_state(trine::nn::kParameters, store_.arena_size());
  session_.write_state(trine::nn::kParameters, 0, arena);
}

trine::Executable& FrozenEncoder::program(std::int64_t batch, std::int64_t tokens) {
  const auto found = programs_.find(batch);
  if (found != programs_.end()) return found->second;
  Graph graph;
  capture_features(graph, store_, config_, batch, tokens);
  trine::Executable program = session_.compile(graph, fmt::format("encode batch {}", batch));
  return programs_.emplace(batch, std::move(program)).first->second;
}

Sequence FrozenEncoder::features(const Split& split) {
  check_tokens(split, config_);
  const std::int64_t tokens = split.bert.tokens;
  Sequence sequence{.n = split.size(), .steps = tokens, .width = config_.hidden_size};
  sequence.values.reserve(static_cast<std::size_t>(sequence.n * tokens * sequence.width));
  Batch batch;
  const std::vector<std::int64_t> order = file_order(split.size());
  for (const auto rows : batches_of(order, batch_size_)) {
    gather(split, rows, batch);
    trine::Executable& encoder = program(batch.size, tokens);
    feed_tokens(encoder, batch);
    encoder.run({});
    const std::vector<float> states = encoder.fetch("text");
    sequence.values.insert(sequence.values.end(), states.begin(), states.end());
  }
  return sequence;
}

void feed_tokens(trine::Executable& program, const Batch& batch) {
  program.feed("ids", batch.ids);
  program.feed("mask", batch.mask);
  program.feed("segments", batch.segments);
}

void prepare_text(Dataset& data, const Config& config, std::shared_ptr<trine::Backend> backend,
                  const std::filesystem::path& run) {
  if (!config.text_model) return;
  const std::array splits{&data.train, &data.valid, &data.test};
  if (config.trains_encoder()) {
    for (Split* split : splits) {
      check_tokens(*split, *config.text_model);
      split->text = {split->size(), split->bert.tokens, config.text_model->hidden_size, {}};
    }
    return;
  }
  FrozenEncoder encoder(std::move(backend), config, weights_of_folder(config, run));
  for (Split* split : splits) split->text = encoder.features(*split);
}

}  // namespace dmd
