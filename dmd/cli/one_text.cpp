#include "dmd/cli/one_text.h"

#include <algorithm>

#include "dmd/cli/command.h"
#include "dmd/data/missing.h"
#include "dmd/text/encoder_folder.h"
#include "dmd/text/tokenizer.h"

namespace dmd::cli {
namespace {

Tokens tokens_of(const std::string& text, const Config& config, const std::filesystem::path& run) {
  if (!config.text_model)
    trine::fail(
        "--text needs a model with a text encoder, and this one reads features: use --data");
  if (config.text_encoder_path.empty())
    trine::fail(
        "--text needs the vocabulary of the encoder: name its folder with --set "
        "text_encoder_path=DIR");
  const std::filesystem::path folder = encoder_folder_of(config.text_encoder_path, run);
  const auto tokenizer = read_tokenizer(folder, *config.text_model);
  if (tokenizer->size() < config.text_model->vocab_size)
    note(
        fmt::format("{} has a vocabulary of {} entries, and an embedding of {} rows: the rows "
                    "behind them are padding, or the two are not of one model",
                    folder.string(), tokenizer->size(), config.text_model->vocab_size));
  return framed_tokens(*tokenizer, text, config.seq_len(Modality::language));
}

Sequence nothing(const Config& config, Modality m) {
  const std::int64_t steps = config.seq_len(m), width = config.feature_dim(m);
  return {1, steps, width, std::vector<float>(static_cast<std::size_t>(steps * width), 0.0f)};
}

Sequence row_of(const Sequence& all, std::int64_t row) {
  const auto begin = all.values.begin() + row * all.steps * all.width;
  return {1, all.steps, all.width, {begin, begin + all.steps * all.width}};
}

// Which of several would be meant?
void check_unique(const Dataset& dataset, const std::string& sample, const std::string& data) {
  std::int64_t named_so = 0;
  for (const char* name : kSplitNames)
    named_so += std::ranges::count(dataset.split(name).ids, sample);
  if (named_so > 1)
    trine::fail("{} has {} utterances with the id '{}': --sample needs one that is unique", data,
                named_so, sample);
}

void take_voice_and_face(Split& split, const std::string& sample, const std::string& data,
                         const Config& config) {
  Dataset dataset = load_new_videos(data, config);
  check_unique(dataset, sample, data);
  for (const char* name : kSplitNames) {
    Split& from = dataset.split(name);
    const auto found = std::ranges::find(from.ids, sample);
    if (found == from.ids.end()) continue;
    for (const Modality m : config.modalities.without(Modality::language))
      if (!modalities_of(from).contains(m))
        trine::fail("{} has no {}, which --sample is to bring", data, name_of(m));
    for (const Modality m : config.modalities.without(Modality::language))
      sequence_of(split, m) = row_of(sequence_of(from, m), found - from.ids.begin());
    return;
  }
  trine::fail("{} has no utterance '{}'", data, sample);
}

}  // namespace

Split split_of_text(const TextOptions& options, const Config& config, const std::string& data,
                    const std::filesystem::path& run) {
  Split split;
  split.ids = {"text"};
  split.raw_text = {options.text};
  split.label_width = label_width(config.task);
  split.labels.assign(static_cast<std::size_t>(split.label_width), 0.0f);
  split.bert = tokens_of(options.text, config, run);
  for (const Modality m : config.modalities.without(Modality::language))
    sequence_of(split, m) = nothing(config, m);
  if (!options.sample.empty()) take_voice_and_face(split, options.sample, data, config);
  return split;
}

}  // namespace dmd::cli
