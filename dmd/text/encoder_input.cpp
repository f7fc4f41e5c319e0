#include "dmd/text/encoder_input.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dmd/data/synthetic.h"
#include "dmd/text/encoder_folder.h"
#include "dmd/text/raw_text.h"

namespace dmd {

Config with_encoder_found(Config config, const std::filesystem::path& run, const Note& note) {
  if (config.text_encoder_path.empty()) return config;
  const auto folder = find_encoder_folder(config.text_encoder_path, run);
  if (!folder) return config;
  if (find_encoder_folder(config.text_encoder_path) != folder)
    note(fmt::format("the folder of the text encoder is not {} any more: {} is taken",
                     config.text_encoder_path, folder->string()));
  config.text_encoder_path = folder->string();
  return config;
}

void give_tokens(std::span<Split* const> splits, const Config& config, const std::string& data,
                 const std::filesystem::path& run, const Note& note) {
  if (!config.text_model || is_synthetic(data)) return;
  if (!std::ranges::any_of(splits, [](const Split* split) { return has_text_alone(*split); }))
    return;
  note(fmt::format("{}: {}", data, tokenize_raw_text(splits, config, run)));
}

void give_tokens(Dataset& dataset, const Config& config, const std::string& data,
                 const std::filesystem::path& run, const Note& note) {
  give_tokens(std::array{&dataset.train, &dataset.valid, &dataset.test}, config, data, run, note);
}

}  // namespace dmd
