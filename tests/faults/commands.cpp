#include "tests/faults/commands.h"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "tests/faults/run_folder.h"
#include "tests/formats/feature_writer.h"
#include "tests/support/temporary_folder.h"

namespace faults {
namespace {

namespace fs = std::filesystem;

// ---- What commands start from ----

constexpr std::int64_t kUtterances = 6;

formats::Write smooth(std::vector<std::int64_t> shape, double phase) {
  std::int64_t size = 1;
  for (const std::int64_t extent : shape) size *= extent;
  std::vector<float> values;
  for (std::int64_t i = 0; i < size; ++i)
    values.push_back(static_cast<float>(std::sin(phase + 0.7 * static_cast<double>(i))));
  return formats::floats(std::move(shape), std::move(values));
}

formats::Fields split(double phase) {
  std::vector<std::string> ids, texts;
  for (std::int64_t i = 0; i < kUtterances; ++i) {
    ids.push_back(fmt::format("video$_${}", i));
    texts.push_back(fmt::format("sentence {}", i));
  }
  return {{"id", formats::strings(ids)},
          {"raw_text", formats::strings(texts)},
          {"text", smooth({kUtterances, 3, 4}, phase)},
          {"audio", smooth({kUtterances, 3, 2}, phase + 1)},
          {"vision", smooth({kUtterances, 3, 2}, phase + 2)},
          {"regression_labels", smooth({kUtterances}, phase + 3)}};
}

void must_succeed(const fs::path& folder, const Words& words) {
  const Ended ended = run(folder, words);
  if (ended.status != 0) throw std::runtime_error("dmd " + words.front() + ": " + ended.err);
}

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const Words kSmallModel{"--model", "late_fusion", "--config", "tiny", "--set", "batch_size=3"};
const Words kDevice{"--device", "cpu", "--threads", "2"};
const Words kTrain{"train", "--data", "data.safetensors"};
const Words kModel{"--checkpoint", "run", "--data", "data.safetensors"};

void make_features(const fs::path& folder) {
  trine::write_contents(folder / "data.pkl", formats::FeatureFile{.splits = {{"train", split(0)},
                                                                             {"valid", split(10)},
                                                                             {"test", split(20)}}}
                                                 .bytes());
}

void make_data(const fs::path& folder) {
  make_features(folder);
  must_succeed(folder, {"convert", "data.pkl", "data.safetensors"});
}

void make_run(const fs::path& folder) {
  make_data(folder);
  must_succeed(folder, kTrain + kSmallModel + kDevice + Words{"--epochs", "1", "--out", "run"});
}

// ---- What they make ----

Command training(std::string name, Words words, Words resume) {
  Command command{.name = std::move(name), .words = std::move(words)};
  command.prepare = make_data;
  command.again = [words = command.words, resume](const fs::path& folder) {
    const bool goes_on =
        fs::exists(folder / "run/last.safetensors") || fs::exists(folder / "run/seeds.json");
    return goes_on ? resume : words;
  };
  command.results = [](const fs::path& folder) { return results_of_run(folder / "run"); };
  command.damage = [](const fs::path& folder, const Results& undisturbed) {
    return damage_of_run(folder / "run", undisturbed);
  };
  return command;
}

constexpr const char* kOld = "what stood there before";

// Of a command that writes one file, which another stood in the place of.
Command writing(std::string name, Words words, std::string file,
                std::function<void(const fs::path&)> prepare) {
  Command command{.name = std::move(name), .words = std::move(words)};
  command.prepare = [prepare = std::move(prepare), file](const fs::path& folder) {
    prepare(folder);
    trine::write_contents(folder / file, kOld);
  };
  command.again = [words = command.words](const fs::path&) { return words; };
  command.results = [file](const fs::path& folder) {
    return Results{{file, trine::contents_of(folder / file)}};
  };
  command.damage = [file](const fs::path& folder, const Results& undisturbed) -> std::string {
    const std::string now = trine::contents_of(folder / file);
    return now == kOld || now == undisturbed.at(file) ? "" : file + " is not whole";
  };
  return command;
}

std::string under(std::string text, const fs::path& folder) {
  if (text.starts_with('@')) text.replace(0, 1, folder.string());
  return text;
}

}  // namespace

Environment environment_in(const Command& command, const Folder& folder) {
  Environment all;
  for (const auto& [name, value] : command.environment) all[name] = under(value, folder);
  return all;
}

Command train_new_run() {
  return training("train", kTrain + kSmallModel + kDevice + Words{"--epochs", "2", "--out", "run"},
                  kTrain + kDevice + Words{"--resume", "run"});
}

Command train_several_seeds() {
  Command command = training(
      "train --seeds",
      kTrain + kSmallModel + kDevice + Words{"--epochs", "1", "--seeds", "1,2", "--out", "run"},
      kTrain + kDevice + Words{"--resume", "run"});
  command.prints_times = true;
  command.results = [](const fs::path& folder) {
    Results all{{"results", without_seconds(folder / "run/results.csv")}};
    for (const char* seed : {"seed-1", "seed-2"})
      for (const auto& [name, result] : results_of_run(folder / "run" / seed))
        all[fmt::format("{}/{}", seed, name)] = result;
    return all;
  };
  command.damage = [](const fs::path& folder, const Results& undisturbed) {
    for (const char* seed : {"seed-1", "seed-2"}) {
      Results of_seed;
      for (const char* name : {"config", "history"})
        of_seed[name] = undisturbed.at(fmt::format("{}/{}", seed, name));
      if (std::string damage = damage_of_run(folder / "run" / seed, of_seed); !damage.empty())
        return damage;
    }
    return std::string();
  };
  return command;
}

Command resume_run() {
  const Words words = kTrain + kDevice + Words{"--resume", "run", "--epochs", "3"};
  Command command = training("train --resume", words, words);
  command.prepare = make_run;
  return command;
}

Command train_on_built_in_data(int epochs) {
  const Words data{"train", "--data", "synthetic:40"};
  Command command = training(
      "train on built-in data",
      data + kSmallModel + kDevice + Words{"--epochs", std::to_string(epochs), "--out", "run"},
      data + kDevice + Words{"--resume", "run"});
  command.prepare = [](const fs::path&) {};
  return command;
}

Command predict_to_csv() {
  return writing("predict", Words{"predict", "--out", "out.csv"} + kModel + kDevice, "out.csv",
                 make_run);
}

Command represent_to_npz() {
  return writing("predict --representations",
                 Words{"predict", "--representations", "out.npz"} + kModel + kDevice, "out.npz",
                 make_run);
}

Command convert_features() {
  return writing("convert", {"convert", "data.pkl", "out.safetensors"}, "out.safetensors",
                 make_features);
}

Command export_to_onnx() {
  return writing("export", {"export", "--checkpoint", "run", "--out", "out.onnx"}, "out.onnx",
                 make_run);
}

Command evaluate() {
  Command command{.name = "eval", .words = Words{"eval"} + kModel + kDevice};
  command.prepare = make_run;
  command.again = [words = command.words](const fs::path&) { return words; };
  command.results = [](const fs::path&) { return Results{}; };
  command.damage = [](const fs::path&, const Results&) { return ""; };
  return command;
}

Command predict_filling_a_kernel_cache() {
  Command command = writing("predict, empty kernel cache",
                            Words{"predict", "--device", "vulkan:0", "--out", "out.csv"} + kModel,
                            "out.csv", make_run);
  command.counted = "cache/trine";
  command.environment = {{"XDG_CACHE_HOME", "@/cache"}};
  command.never_fails = true;
  return command;
}

Command predict_from_a_kernel_cache() {
  Command command = predict_filling_a_kernel_cache();
  command.name = "predict, full kernel cache";
  command.prepare = [filling = predict_filling_a_kernel_cache()](const fs::path& folder) {
    filling.prepare(folder);
    // Where there is no Vulkan, the test says so.
    run(folder, filling.words, environment_in(filling, folder));
    trine::write_contents(folder / "out.csv", kOld);
  };
  return command;
}

}  // namespace faults
