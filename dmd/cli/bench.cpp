// dmd bench: how long a training step or a prediction takes.

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "dmd/bench/benchmark.h"
#include "dmd/cli/checks.h"
#include "dmd/cli/command.h"
#include "dmd/cli/preset_options.h"
#include "dmd/models/configuration.h"
#include "dmd/text/pretrained.h"

namespace dmd::cli {
namespace {

// Sizes that --set gives, and the standard ones elsewhere.
InputSizes sizes_of(const Config& config, InputSizes standard) {
  for (std::size_t i = 0; i < config.feature_dims.size(); ++i) {
    if (config.feature_dims[i] > 0) standard.feature_dims[i] = config.feature_dims[i];
    if (config.seq_lens[i] > 0) standard.seq_lens[i] = config.seq_lens[i];
  }
  return standard;
}

// Timed steps go on for this long, and number at least kFewest.
constexpr double kSeconds = 3.0;
constexpr int kFewest = 5, kMost = 1000, kWarmup = 3;

struct Options {
  std::string model, config = "mosi", mode = "train", device;
  std::vector<std::string> settings;
  std::int64_t batch = 16;
  int threads = 0, steps = 0;
  bool profile = false, json = false;
};

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(at));
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - std::floor(at)) * (values[above] - values[below]);
}

Config configured(const Options& options) {
  return usage([&] {
    const auto [preset, standard] = chosen_preset(options.config, options.model);
    const Config config = with_text_model(with_settings(preset, options.settings));
    InputSizes sizes = sizes_of(config, standard);
    if (config.text_model)
      sizes.feature_dims[config_slot(Modality::language)] = config.text_model->hidden_size;
    return fitted_to(config, sizes);
  });
}

BenchMode mode_of(const Options& options) {
  return options.mode == "infer" ? BenchMode::infer : BenchMode::train;
}

BenchResult measured(Benchmark& benchmark, int steps) {
  if (steps > 0) return benchmark.run(kWarmup, steps);
  const BenchResult first = benchmark.run(kWarmup, 2);
  const double wanted = kSeconds * 1e3 / std::max(percentile(first.milliseconds, 0.5), 1e-3);
  return benchmark.run(0, std::clamp(static_cast<int>(wanted), kFewest, kMost));
}

Json json_of(const Options& options, const Config& config, const std::string& device,
             const BenchResult& result) {
  const double median = percentile(result.milliseconds, 0.5);
  return {{"device", device},
          {"model", config.model},
          {"config", options.config},
          {"mode", options.mode},
          {"batch", options.batch},
          {"precision", name_of(config.precision)},
          {"threads", options.threads > 0 ? options.threads
                                          : static_cast<int>(std::thread::hardware_concurrency())},
          {"ms_median", median},
          {"ms_p10", percentile(result.milliseconds, 0.1)},
          {"ms_p90", percentile(result.milliseconds, 0.9)},
          {"steps", result.milliseconds.size()},
          {"launches_per_step", result.launches},
          {"waves_per_step", result.waves},
          {"arena_bytes", result.arena_bytes},
          {"peak_rss_bytes", peak_memory()},
          {"gflop_per_step", result.gflop},
          {"gflops", result.gflop / median * 1e3}};
}

struct Total {
  double milliseconds = 0, gflop = 0;
  int launches = 0;
};

std::string table_of(const std::string& title, const std::map<std::string, Total>& totals) {
  std::vector<std::pair<std::string, Total>> sorted(totals.begin(), totals.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second.milliseconds > b.second.milliseconds;
  });
  Table table{.columns = {title, "ms", "launches", "GFLOP/s"}, .rows = {}};
  for (const auto& [name, total] : sorted)
    table.rows.push_back({name, fmt::format("{:.3f}", total.milliseconds),
                          std::to_string(total.launches),
                          fmt::format("{:.1f}", total.gflop / total.milliseconds * 1e3)});
  return aligned(table);
}

// By kernel, and by the part of the model (the first name of the scope).
std::string profile_text(const std::vector<LaunchCost>& costs) {
  std::map<std::string, Total> kernels, scopes;
  for (const LaunchCost& cost : costs) {
    const std::string scope = cost.scope.substr(0, cost.scope.find('.'));
    for (Total* total : {&kernels[cost.kernel], &scopes[scope.empty() ? "(none)" : scope]}) {
      total->milliseconds += cost.milliseconds;
      total->gflop += cost.gflop;
      ++total->launches;
    }
  }
  return table_of("kernel", kernels) + "\n" + table_of("scope", scopes);
}

Exit bench(const Options& options) {
  const Config config = configured(options);
  auto backend =
      open_backend(options.device, {.threads = options.threads, .precision = config.precision});
  const std::string device = backend->info().id;
  Benchmark benchmark(std::move(backend), config, mode_of(options), options.batch);
  const BenchResult result = measured(benchmark, options.steps);
  const Json json = json_of(options, config, device, result);
  if (options.json) {
    print_json(json);
  } else {
    for (const auto& [key, value] : json.items())
      print(fmt::format("{:18} {}\n", key,
                        value.is_string() ? value.get<std::string>() : value.dump()));
  }
  if (options.profile) note(profile_text(benchmark.profile()));
  return Exit::success;
}

}  // namespace

void add_bench(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "bench", "Time a training step or a prediction on random data",
      "  dmd bench --config mosi --mode train --batch 16 --threads 2 --profile", options, bench);
  add_preset(command, options->config, options->model);
  command.add_option("--mode", options->mode, "train or infer").check(one_of({"train", "infer"}));
  command.add_option("--batch", options->batch, "Batch size").check(whole_number(1, 1'000'000));
  add_threads(command, options->threads);
  command.add_option("--steps", options->steps, "Timed steps; 0: for about three seconds")
      .check(whole_number(0));
  command.add_option("--set", options->settings,
                     "key=value of the configuration; text_encoder=bert trains bert-base along");
  command.add_flag("--profile", options->profile,
                   "Also print the time by kernel and by part of the model, on standard error");
  add_device(command, options->device);
  add_json(command, options->json);
}

}  // namespace dmd::cli
