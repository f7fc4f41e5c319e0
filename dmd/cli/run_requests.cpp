#include "dmd/cli/run_requests.h"

#include <charconv>
#include <ctime>
#include <set>
#include <sstream>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "dmd/cli/command.h"
#include "dmd/cli/seed_runs.h"
#include "dmd/data/classes.h"
#include "dmd/data/synthetic.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/text/encoder_input.h"
#include "dmd/text/pretrained.h"
#include "dmd/train/fitting.h"
#include "engine/io/atomic_file.h"
#include "engine/io/mapped_file.h"

namespace dmd::cli {
namespace {

namespace fs = std::filesystem;

// ---- New runs ----

// --variant is short for a setting.
std::vector<std::string> settings_of(const TrainOptions& options) {
  std::vector<std::string> settings;
  if (!options.variant.empty()) settings.push_back("variant=" + options.variant);
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  return settings;
}

Config without_dropped(Config config, const TrainOptions& options) {
  if (options.dropped.empty()) return config;
  ModalitySet left = config.modalities;
  for (const std::string& dropped : options.dropped)
    for (const Modality m : kModalities)
      if (name_of(m) == dropped) left = left.without(m);
  if (left.empty()) throw UsageError("--drop leaves no modality to learn from");
  const std::vector<std::string> settings{fmt::format("modalities={}", name_of(left))};
  return usage([&] { return with_settings(config, settings); });
}

// Its sizes may still be those of the data.
Config configured(const TrainOptions& options) {
  std::string name = options.config;
  if (name.empty()) name = is_synthetic(options.data) ? "tiny" : "mosi";
  if (!options.model.empty()) usage([&] { return &find_model(options.model); });
  Config config = load_noted_config(name, options.model);
  if (options.seed) config.seed = *options.seed;
  if (options.epochs) config.epochs = *options.epochs;
  config = usage([&] { return with_settings(config, settings_of(options)); });
  if (!options.init.empty()) config.init = options.init;
  if (!config.init.empty()) config.init = fs::absolute(config.init).lexically_normal().string();
  usage([&] { return trine::PassOptions::parse(config.passes); });
  return without_dropped(std::move(config), options);
}

std::shared_ptr<trine::Backend> open_for(const TrainOptions& options, const Config& config) {
  return open_backend(options.device, {.threads = options.threads, .precision = config.precision});
}

fs::path default_folder(const Config& config) {
  return fs::path("runs") /
         fmt::format("{}-{:%Y%m%d-%H%M%S}", config.name, fmt::localtime(std::time(nullptr)));
}

constexpr std::uint64_t kMostSeeds = 10'000;

std::uint64_t seed_in(std::string_view text, std::string_view whole) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size() || text.empty())
    throw UsageError(
        fmt::format("--seeds must be whole numbers and ranges of them, such as 1111,1113 or "
                    "1111-1115, not {}",
                    whole));
  return seed;
}

// "1111,1115-1117" -> 1111, 1115, 1116, 1117.
std::vector<std::uint64_t> parse_seeds(const std::string& text) {
  std::vector<std::uint64_t> seeds;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t dash = part.find('-');
    const std::uint64_t first = seed_in(std::string_view(part).substr(0, dash), text);
    const std::uint64_t last =
        dash == std::string::npos ? first : seed_in(std::string_view(part).substr(dash + 1), text);
    if (last < first || last - first >= kMostSeeds)
      throw UsageError(
          fmt::format("--seeds {}: a range goes up, over at most {} seeds", part, kMostSeeds));
    for (std::uint64_t i = 0; i <= last - first; ++i) seeds.push_back(first + i);
  }
  if (seeds.empty()) seed_in("", text);
  if (std::set(seeds.begin(), seeds.end()).size() != seeds.size())
    throw UsageError(fmt::format("--seeds {} names a seed twice", text));
  return seeds;
}

void write_common_files(const RunRequests& requests, const Config& config,
                        const std::vector<std::uint64_t>& seeds) {
  if (fs::exists(requests.folder / "seeds.json")) {
    trine::fail("{} holds runs already: continue them with --resume, or choose another folder",
                requests.folder.string());
  }
  trine::io::write_file(requests.folder / "config.json", to_json(config));
  trine::io::write_file(requests.folder / "seeds.json", Json(seeds).dump() + "\n");
}

RunRequests new_runs(const TrainOptions& options, const Config& configured, Dataset& data) {
  const Config config =
      fitted_to_data(without_absent(configured, data, note), data, options.data, note);
  const std::vector<std::uint64_t> seeds =
      options.seeds.empty() ? std::vector<std::uint64_t>{} : parse_seeds(options.seeds);
  RunRequests requests{
      .folder = options.out.empty() ? default_folder(config) : fs::path(options.out),
      .several = !seeds.empty(),
      .runs = {},
      .backend = open_for(options, config)};
  requests.claim = std::make_unique<FolderClaim>(requests.folder);
  if (!requests.several) {
    requests.runs.push_back({config, {requests.folder}});
    return requests;
  }
  write_common_files(requests, config, seeds);
  for (std::uint64_t seed : seeds) {
    requests.runs.push_back({config, {seed_folder(requests.folder, seed)}});
    requests.runs.back().config.seed = seed;
  }
  return requests;
}

// ---- Runs that go on ----

// Where the encoder is now is all that a run may be told when it goes on.
void check_settings_of_resumed(const TrainOptions& options) {
  for (const std::string& setting : options.settings)
    if (!setting.starts_with("text_encoder_path="))
      throw UsageError(
          fmt::format("--set {}: a run goes on with the configuration that it began with; only "
                      "text_encoder_path=DIR, where its encoder is now, can be set",
                      setting));
}

Config moved(const Config& config, const TrainOptions& options) {
  Config now = with_text_model(usage([&] { return with_settings(config, options.settings); }));
  if (now.text_model != config.text_model)
    trine::fail("{} holds another encoder than the run began with: its config.json has other sizes",
                now.text_encoder_path);
  return with_encoder_found(std::move(now), options.resume, note);
}

RunRequest continued(const RunFolder& folder, const TrainOptions& options) {
  const std::optional<Config> config = read_checkpoint(folder.last()).config;
  if (!config) trine::fail("{} is no checkpoint of a training run", folder.last().string());
  return {moved(*config, options), folder, /*resume=*/true};
}

RunRequests continued_runs(const TrainOptions& options, Dataset& data) {
  RunRequests requests{.folder = options.resume};
  requests.claim = std::make_unique<FolderClaim>(requests.folder);
  const RunFolder single{requests.folder};
  const std::vector<SeedRun> runs = seed_runs(requests.folder);
  requests.several = !runs.empty();
  if (!requests.several) {
    requests.runs.push_back(continued(single, options));
  } else {
    for (const SeedRun& run : runs) {
      const RunFolder folder{run.folder};
      if (fs::exists(folder.last())) {
        requests.runs.push_back(continued(folder, options));
      } else {
        requests.runs.push_back({moved(read_config(single.config()), options), folder});
        requests.runs.back().config.seed = run.seed;
      }
    }
  }
  if (options.epochs)
    for (RunRequest& run : requests.runs) run.config.epochs = *options.epochs;
  for (RunRequest& run : requests.runs) run.config = with_classes(std::move(run.config), data);
  const Config& config = requests.runs.front().config;
  requests.backend = open_for(options, config);
  give_tokens(data, config, options.data, options.resume, note);
  return requests;
}

}  // namespace

Config requested_config(const TrainOptions& options) {
  if (options.resume.empty()) return configured(options);
  check_settings_of_resumed(options);
  const RunFolder folder{options.resume};
  return seed_runs(folder.path).empty() ? continued(folder, options).config
                                        : read_config(folder.config());
}

RunRequests requested_runs(const TrainOptions& options, const Config& config, Dataset& data) {
  return options.resume.empty() ? new_runs(options, config, data) : continued_runs(options, data);
}

}  // namespace dmd::cli
