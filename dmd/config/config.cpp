#include "dmd/config/config.h"

#include <fmt/format.h>

namespace dmd {

std::int64_t Config::answer_width() const {
  if (task == Task::classification) return std::ssize(classes);
  return task == Task::emotion ? 2 * label_width(task) : 1;
}

Config without_dropout(Config config) {
  for (const Key& key : config.settings.keys())
    if (key.name.find("dropout") != std::string_view::npos) config.settings.set(key.name, 0.0);
  if (config.text_model) {
    config.text_model->hidden_dropout_prob = 0;
    config.text_model->attention_probs_dropout_prob = 0;
  }
  return config;
}

std::string title_of(const Config& config) {
  if (!config.settings.find("variant")) return fmt::format("{} ({})", config.name, config.model);
  return fmt::format("{} ({}, {})", config.name, config.model, config.settings.text("variant"));
}

}  // namespace dmd
