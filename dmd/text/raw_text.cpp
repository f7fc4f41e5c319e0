#include "dmd/text/raw_text.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "dmd/text/encoder_folder.h"
#include "dmd/text/tokenizer.h"
#include "engine/error.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEnds = 2;  // the tokens before and behind a text

std::unique_ptr<Tokenizer> tokenizer_for(const fs::path& folder, const EncoderConfig& config) {
  try {
    return read_tokenizer(folder, config);
  } catch (const trine::Error& error) {
    trine::fail("the data have raw_text and no text_bert, and no tokens can be made of it: {}",
                error.what());
  }
}

void append(Tokens& all, const Tokens& one) {
  all.n += one.n;
  all.ids.insert(all.ids.end(), one.ids.begin(), one.ids.end());
  all.mask.insert(all.mask.end(), one.mask.begin(), one.mask.end());
  all.segments.insert(all.segments.end(), one.segments.begin(), one.segments.end());
}

}  // namespace

bool has_text_alone(const Split& split) {
  return split.bert.tokens == 0 &&
         std::ranges::any_of(split.raw_text, [](const auto& text) { return !text.empty(); });
}

std::string tokenize_raw_text(std::span<Split* const> splits, const Config& config,
                              const fs::path& run) {
  if (config.text_encoder_path.empty())
    trine::fail(
        "the data have raw_text and no text_bert: name the folder with the encoder's vocabulary, "
        "which makes tokens of it, with --set text_encoder_path=DIR");
  const fs::path folder = encoder_folder_of(config.text_encoder_path, run);
  const auto tokenizer = tokenizer_for(folder, *config.text_model);

  std::vector<std::int64_t> lengths;
  for (const Split* split : splits)
    for (const std::string& text : split->raw_text)
      lengths.push_back(static_cast<std::int64_t>(tokenizer->pieces(text).size()) + kEnds);
  const std::int64_t longest = lengths.empty() ? kEnds : std::ranges::max(lengths);
  const std::int64_t asked = config.seq_len(Modality::language);
  const std::int64_t length =
      asked > 0 ? asked : std::min(longest, config.text_model->longest_text());

  for (Split* split : splits) {
    split->bert = {.n = 0, .tokens = length};
    for (const std::string& text : split->raw_text)
      append(split->bert, framed_tokens(*tokenizer, text, length));
  }
  const auto cut = std::ranges::count_if(lengths, [&](std::int64_t n) { return n > length; });
  return fmt::format(
      "there is no text_bert: raw_text is cut by the vocabulary of {} into {} tokens an utterance, "
      "and {} of {} utterances have more, whose ends are left out",
      folder.string(), length, cut, lengths.size());
}

}  // namespace dmd
