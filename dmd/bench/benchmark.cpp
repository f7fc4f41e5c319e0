#include "dmd/bench/benchmark.h"

#include <algorithm>
#include <chrono>
#include <map>

#include <sys/resource.h>

#include "engine/philox.h"

namespace dmd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSeed = 1111;
constexpr int kProfiles = 5;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::vector<float> random_values(std::int64_t n, std::uint32_t stream) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i)
    values.push_back(2 * trine::random_uniform(kSeed, stream, 0, static_cast<std::uint64_t>(i)) -
                     1);
  return values;
}

// Texts as long as the model reads, without padding.
void add_random_tokens(const Config& config, Batch& batch) {
  const auto n = static_cast<std::size_t>(batch.size * config.seq_len(Modality::language));
  const auto vocabulary = static_cast<float>(config.text_model->vocab_size);
  for (const float u : random_values(static_cast<std::int64_t>(n), /*stream=*/10))
    batch.ids.push_back(static_cast<std::int32_t>((u + 1) / 2 * (vocabulary - 1)));
  batch.mask.assign(n, 1);
  batch.segments.assign(n, 0);
}

Batch random_batch(const Config& config, std::int64_t size) {
  auto features = [&](Modality m) {
    return random_values(size * config.seq_len(m) * config.feature_dim(m),
                         static_cast<std::uint32_t>(index_of(m)));
  };
  Batch batch;
  batch.size = size;
  if (config.trains_encoder())
    add_random_tokens(config, batch);
  else
    batch.text = features(Modality::language);
  batch.vision = features(Modality::vision);
  batch.audio = features(Modality::audio);
  batch.labels = random_values(size * label_width(config.task), 9);
  return batch;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

}  // namespace

Benchmark::Benchmark(std::shared_ptr<trine::Backend> backend, Config config, BenchMode mode,
                     std::int64_t batch)
    : model_(std::move(backend), std::move(config)), mode_(mode), batch_size_(batch) {
  model_.set_arena(trine::nn::kParameters, model_.parameters().initial_values(kSeed));
  if (mode == BenchMode::train) model_.allocate_training_state();
  batch_ = random_batch(model_.config(), batch);
  programs();
}

std::vector<trine::Executable*> Benchmark::programs() {
  if (mode_ == BenchMode::infer) return {&model_.predict(batch_size_)};
  return {&model_.accumulate(batch_size_), &model_.apply()};
}

void Benchmark::step() {
  const trine::RunParams params{.seed = kSeed,
                                .step = ++steps_done_,
                                .learning_rate = static_cast<float>(model_.config().learning_rate)};
  const std::vector<trine::Executable*> all = programs();
  feed(*all.front(), batch_, model_.config());
  for (trine::Executable* program : all) program->run(params);
  // What a user reads after each step; it also waits for the device.
  const Declaration& named = model_.declared();
  all.front()->fetch(mode_ == BenchMode::train ? fetch_of_loss(named.losses.front())
                                               : named.prediction().name);
}

BenchResult Benchmark::run(int warmup, int steps) {
  for (int i = 0; i < warmup; ++i) step();
  BenchResult result;
  for (int i = 0; i < steps; ++i) {
    const auto start = Clock::now();
    step();
    result.milliseconds.push_back(milliseconds_since(start));
  }
  for (const trine::Executable* program : programs()) {
    result.launches += static_cast<std::int64_t>(program->plan().steps.size());
    result.waves += program->plan().waves;
    result.arena_bytes = std::max(result.arena_bytes, program->plan().workspace_bytes());
    result.gflop += trine::count_flops(program->plan()) * 1e-9;
  }
  return result;
}

std::vector<LaunchCost> Benchmark::profile() {
  std::vector<LaunchCost> costs;
  for (trine::Executable* program : programs()) {
    std::map<int, std::vector<double>> times;
    for (int i = 0; i < kProfiles; ++i)
      for (const trine::LaunchTime& launch :
           program->profile({.seed = kSeed, .step = ++steps_done_, .learning_rate = 0}))
        times[launch.step].push_back(launch.microseconds * 1e-3);
    for (const auto& [index, values] : times) {
      const trine::Step& s = program->plan().steps[static_cast<std::size_t>(index)];
      costs.push_back(
          {trine::kernel_name(s), s.scope, median(values), trine::count_flops(s) * 1e-9});
    }
  }
  return costs;
}

std::int64_t peak_memory() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace dmd
