#include "dmd/cli/command.h"
#include "dmd/cli/checks.h"

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <system_error>

#include <fmt/format.h>

#include "dmd/data/feature_file.h"
#include "dmd/data/synthetic.h"
#include "dmd/metrics/metrics.h"
#include "dmd/models/presets.h"

namespace dmd::cli {

void add_device(Command command, std::string& device) {
  command.add_option("--device", device,
                     "auto, gpu, or a device that `dmd devices` lists, as cpu, vulkan:1 or "
                     "vulkan:radeon (default: $TRINE_DEVICE, else auto)");
}

void add_model(Command command, std::string& model) {
  command.add_option("--model", model,
                     "Model, one that `dmd models` lists (default: the configuration's or the "
                     "checkpoint's, else dmd)");
}

void add_threads(Command command, int& threads) {
  command.add_option("--threads", threads, "Threads of the cpu device (default: all)")
      .check(whole_number(1, 1024));
}

void add_json(Command command, bool& json) {
  command.add_flag("--json", json, "Print one JSON object on standard output");
}

void add_data(Command command, std::string& data) {
  command
      .add_option("--data", data,
                  "Feature file (MMSA pickle, or safetensors of `dmd convert`; - reads one from "
                  "standard input), or built-in data: synthetic or synthetic:N with N utterances")
      .required();
}

void add_split(Command command, std::string& split) {
  command.add_option("--split", split, "train, valid or test")
      .check(one_of({"train", "valid", "test"}))
      .show_default();
}

Dataset load_data(const std::string& data, const FeatureOptions& options) {
  if (!is_synthetic(data)) {
    Dataset read = read_feature_file(data, options);
    for (const std::string& about : read.notes) note(fmt::format("{}: {}", data, about));
    return read;
  }
  SyntheticOptions synthetic = usage([&] { return parse_synthetic(data); });
  synthetic.task = options.task;
  return make_synthetic(synthetic).data;
}

Config load_noted_config(const std::string& name_or_file, const std::string& model) {
  std::vector<std::string> notes;
  const auto load = [&] { return load_config(name_or_file, model, &notes); };
  Config config = names_a_file(name_or_file) ? load() : usage(load);
  for (const std::string& about : notes) note(about);
  return config;
}

Dataset load_new_videos(const std::string& data, const Config& config) {
  return load_data(data, {.need_labels = false,
                          .need_all_splits = false,
                          .nonfinite = config.nonfinite,
                          .task = config.task});
}

std::unique_ptr<trine::Backend> open_backend(const std::string& device,
                                             const trine::DeviceOptions& options) {
  return usage([&] { return trine::open_device(device, options); });
}

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) {
    trine::fail("cannot write to standard output: {}", std::generic_category().message(errno));
  }
}

void print_json(const Json& object) {
  print(object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void note(std::string_view text) { std::cerr << text << '\n' << std::flush; }

namespace {

Json json_of(const ClassTable& table) {
  const Confusion& confusion = table.confusion;
  Json classes = Json::array(), rows = Json::array();
  for (std::size_t c = 0; c < table.classes.size(); ++c) {
    classes.push_back({{"class", table.classes[c]},
                       {"precision", rounded_4(confusion.precision(c))},
                       {"recall", rounded_4(confusion.recall(c))},
                       {"f1", rounded_4(confusion.f1(c))},
                       {"support", confusion.support(c)}});
    Json row = Json::array();
    for (std::size_t p = 0; p < table.classes.size(); ++p) row.push_back(confusion.count(c, p));
    rows.push_back(std::move(row));
  }
  return {{"classes", std::move(classes)}, {"confusion", std::move(rows)}};
}

}  // namespace

Json json_of(const Scores& scores) {
  Json object = Json::object();
  for (const auto& [name, value] : scores.values) object[name] = rounded_4(value);
  object["n"] = scores.n;
  for (const ClassTable& table : scores.tables) {
    Json json = json_of(table);
    if (table.name.empty())
      object.update(json);
    else
      object["emotions"][table.name] = std::move(json);
  }
  return object;
}

Json json_of(const trine::DeviceInfo& device) {
  return {{"id", device.id},
          {"name", device.name},
          {"type", device.type},
          {"driver", device.driver},
          {"memory_bytes", device.memory_bytes},
          {"details", device.details}};
}

}  // namespace dmd::cli
