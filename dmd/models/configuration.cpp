#include "dmd/models/configuration.h"

#include <algorithm>
#include <set>

#include <fmt/ranges.h>

#include "engine/error.h"
#include "engine/io/mapped_file.h"

namespace dmd {
namespace {

ModelKeys keys_of(std::string_view name, std::string_view where) {
  const ModelDef& model = find_model(name, where);
  return {model.keys, model.foreign.keys, model.foreign.adopt};
}

void check_task(const Config& config, const ModelDef& model) {
  if (std::ranges::find(model.tasks, name_of(config.task)) == model.tasks.end())
    trine::fail("task = {}, and the model {} learns {}", name_of(config.task), model.name,
                fmt::join(model.tasks, " and "));
  const bool foreign = config.task != Task::regression && config.metrics != MetricSet::mosi &&
                       !(config.task == Task::emotion && config.metrics == MetricSet::mult);
  if (foreign)
    trine::fail("metrics = {} scores numbers, and task = {} has metrics of its own: leave it out",
                name_of(config.metrics), name_of(config.task));
}

void check_classes(const Config& config) {
  if (config.classes.empty()) return;
  if (config.task != Task::classification)
    trine::fail("classes are named, and task = {}: add task=classification, or leave them out",
                name_of(config.task));
  if (config.classes.size() < 2)
    trine::fail("classes names '{}' alone, and a classification needs at least two",
                config.classes.front());
  std::set<std::string> seen;
  for (const std::string& name : config.classes)
    if (name.empty() || !seen.insert(name).second)
      trine::fail("classes names '{}' {}", name, name.empty() ? "for a class" : "twice");
}

void check(const Config& config, std::string_view where) {
  const ModelDef& model = find_model(config.model, where);
  try {
    check_task(config, model);
    check_classes(config);
    if (model.check) model.check(config);
  } catch (const trine::Error& error) {
    trine::fail("{}: {}", where, error.what());
  }
}

void check_same(Modality m, std::string_view what, std::int64_t configured, std::int64_t given) {
  if (configured != 0 && configured != given) {
    trine::fail(
        "the data's {} has {} {}, the configuration says {}: use the data that the "
        "configuration or the checkpoint was made for, or set 0 to take the data's",
        name_of(m), given, what, configured);
  }
}

}  // namespace

Config default_config(std::string_view model) {
  Config config;
  config.model = model;
  config.settings = Settings(find_model(model).keys);
  return config;
}

Config config_from_json(std::string_view text, std::string_view where, std::string_view model,
                        std::string_view data_set, std::vector<std::string>* notes) {
  Config config = parsed_config({.text = text,
                                 .where = where,
                                 .model = model.empty() ? kDefaultModel : model,
                                 .data_set = data_set},
                                keys_of, notes);
  if (!model.empty() && config.model != model)
    trine::fail("{} is a configuration of the model {}, and --model says {}: leave --model out",
                where, config.model, model);
  check(config, where);
  return config;
}

Config read_config(const std::filesystem::path& file, std::string_view model,
                   std::string_view data_set, std::vector<std::string>* notes) {
  const trine::io::SharedBytes bytes = trine::io::map_file(file);
  return config_from_json(trine::io::text_of(bytes.view), file.string(), model, data_set, notes);
}

Config with_settings(Config config, std::span<const std::string> settings) {
  config = applied(std::move(config), settings);
  check(config, "--set");
  return config;
}

void check_against(const Config& config, const InputSizes& sizes) {
  for (const Modality m : config.modalities) {
    const std::int64_t width = sizes.feature_dims[config_slot(m)];
    const std::int64_t length = sizes.seq_lens[config_slot(m)];
    if (width == 0 && length == 0) {
      trine::fail(
          "the model reads {}, and the data has none: --drop {} leaves it out of a model that is "
          "trained, and gives zeros to one that is scored",
          name_of(m), name_of(m));
    }
    if (width < 1 || length < 1) {
      trine::fail("{} is {} wide and {} time steps long: both must be at least 1", name_of(m),
                  width, length);
    }
    check_same(m, "features per time step", config.feature_dim(m), width);
    check_same(m, "time steps", config.seq_len(m), length);
  }
  const ModelDef& model = find_model(config.model);
  if (model.check_inputs) model.check_inputs(config, sizes);
}

Config fitted_to(Config config, const InputSizes& sizes) {
  check_against(config, sizes);
  config.feature_dims = config.seq_lens = {};
  for (const Modality m : config.modalities) {
    const std::size_t slot = config_slot(m);
    config.feature_dims[slot] = sizes.feature_dims[slot];
    config.seq_lens[slot] = sizes.seq_lens[slot];
  }
  return config;
}

}  // namespace dmd
