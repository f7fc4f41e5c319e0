// Bit for bit the same training, run to run and at any number of threads.
#include <gtest/gtest.h>

#include <cmath>

#include "dmd/models/dmd/losses.h"
#include "tests/replay/sessions.h"
#include "tests/support/dmd_programs.h"

namespace trine {
namespace {

constexpr std::int64_t kBatch = 4;
constexpr std::uint64_t kSeed = 1111;

std::vector<float> waves(std::int64_t n, double phase) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < n; ++i)
    values.push_back(static_cast<float>(std::sin(0.7 * static_cast<double>(i) + phase)));
  return values;
}

struct Trace {
  std::vector<float> losses, parameters;

  friend bool operator==(const Trace&, const Trace&) = default;
};

// Six batches with an optimizer step after every second.
Trace train(const char* passes, int threads) {
  Session session = open({"cpu", passes}, threads);
  const dmd::Config config = dmd::standard_config("tiny");
  nn::ParameterStore store = dmd::declare(config).store;
  create_arenas(session, store);
  session.write_state(nn::kParameters, 0, store.initial_values(kSeed));
  Graph accumulate_graph, apply_graph;
  dmd::build_accumulate(accumulate_graph, store, config, kBatch);
  dmd::build_apply(apply_graph, store, config);
  Executable accumulate = session.compile(accumulate_graph, "accumulate");
  Executable apply = session.compile(apply_graph, "apply");

  Trace trace;
  for (std::uint32_t step = 1; step <= 6; ++step) {
    for (const Feed& feed : accumulate.plan().feeds)
      accumulate.feed(feed.name, waves(count(feed.operand.type.shape), step));
    accumulate.run({.seed = kSeed, .step = step});
    trace.losses.push_back(accumulate.fetch_scalar("loss.total"));
    if (step % 2 == 0) apply.run({.seed = kSeed, .step = step / 2, .learning_rate = 1e-2f});
  }
  trace.parameters = session.read_state(nn::kParameters, 0, store.arena_size());
  return trace;
}

TEST(Determinism, HoldsFromRunToRunAndAtAnyNumberOfThreads) {
  const Trace one = train("all", 1);
  for (const float loss : one.losses) EXPECT_TRUE(std::isfinite(loss));
  EXPECT_NE(one.losses.front(), one.losses.back());
  EXPECT_EQ(train("all", 1), one);
  EXPECT_EQ(train("all", 2), one);
  EXPECT_EQ(train("all", 3), one);
}

// Passes may round differently, and no more than that.
TEST(Determinism, PassesChangeRoundingOnly) {
  const Trace with = train("all", 2), without = train("none", 2);
  for (std::size_t i = 0; i < with.losses.size(); ++i)
    EXPECT_NEAR(with.losses[i], without.losses[i], 1e-3f * std::abs(without.losses[i])) << i;
}

}  // namespace
}  // namespace trine
