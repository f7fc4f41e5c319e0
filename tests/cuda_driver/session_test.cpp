// Sessions on the device `cuda`: what is queued and what waits, threads, profiles, memory.
#include <future>
#include <memory>
#include <thread>

#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/state.h"
#include "tests/cuda/examples.h"
#include "tests/cuda_driver/stand_in.h"

namespace trine {
namespace {

using testing::ElementsAre;

class CudaSession : public stand_in::Test {};

// weights -= learning rate x gradient
Executable descent(Session& session) {
  Graph graph;
  const Tensor weights = state(graph, "weights", 0, {3});
  assign(weights, weights - learning_rate(graph) * cuda::matrix(graph, "gradient", {3}));
  return session.compile(graph, "descend");
}

std::vector<float> descend(Session& session) {
  Executable program = descent(session);
  program.feed("gradient", std::vector<float>{1, 1, 2});
  program.run({.step = 1, .learning_rate = 0.5f});
  program.run({.step = 2, .learning_rate = 0.25f});
  program.feed("gradient", std::vector<float>{4, 0, 0});
  program.run({.step = 3, .learning_rate = 1.0f});
  return session.read_state("weights", 0, 3);
}

// Runs, uploads of feeds and of run parameters come after each other though nothing is read.
TEST_F(CudaSession, RunsAndUploadsStandInLine) {
  Session session(open_device("cuda"));
  session.create_state("weights", 3);
  session.write_state("weights", 0, std::vector<float>{8, 9, 10});
  EXPECT_THAT(descend(session), ElementsAre(3.25f, 8.25f, 8.5f));
}

// Its memory must not go before its work is done.
TEST_F(CudaSession, AProgramMayGoWhileItsRunsAreQueued) {
  Session session(open_device("cuda"));
  session.create_state("weights", 3);
  {
    Executable program = descent(session);
    program.feed("gradient", std::vector<float>{1, 2, 3});
    program.run({.step = 1, .learning_rate = 1.0f});
  }
  EXPECT_THAT(session.read_state("weights", 0, 3), ElementsAre(-1, -2, -3));
}

// A wait for each of a training step's losses would cost more than the losses.
TEST_F(CudaSession, AllFetchesOfARunComeInOneDownload) {
  Graph graph;
  const Tensor x = cuda::matrix(graph, "x", {3});
  graph.fetch("twice", x * 2.0f);
  graph.fetch("more", x + 1.0f);
  graph.fetch("x", x);
  Session session(open_device("cuda"));
  Executable program = session.compile(graph, "three");
  program.feed("x", std::vector<float>{1, 2, 3});
  stand_in::fail("cuMemcpyDtoHAsync", 2, 700);  // the second download
  program.run({});
  EXPECT_THAT(program.fetch("more"), ElementsAre(2, 3, 4));
  EXPECT_THAT(program.fetch("twice"), ElementsAre(2, 4, 6));
  EXPECT_THAT(program.fetch("x"), ElementsAre(1, 2, 3));
  EXPECT_THAT(program.fetch("more"), ElementsAre(2, 3, 4));
  program.feed("x", std::vector<float>{4, 5, 6});
  program.run({});
  EXPECT_THAT(error_of([&] { program.fetch("x"); }), testing::HasSubstr("copying from the GPU"));
}

TEST_F(CudaSession, AnInputThatWasNeverFedIsZero) {
  Graph graph;
  graph.fetch("y", cuda::matrix(graph, "x", {3}) + 1.0f);
  Session session(open_device("cuda"));
  Executable program = session.compile(graph, "unfed");
  program.run({});
  EXPECT_THAT(program.fetch("y"), ElementsAre(1, 1, 1));
}

// A thread that nothing was done on before has no context: each call must enter the device's.
template <class Call>
auto on_new_thread(Call call) {
  return std::async(std::launch::async, call).get();
}

TEST_F(CudaSession, MayBeUsedFromANewThreadAtEachCall) {
  const std::vector<float> ones{1, 1, 1};
  auto session = on_new_thread([] {
    return std::make_unique<Session>(open_device("cuda"), PassOptions{},
                                     CompileOptions{.check_memory = true});
  });
  on_new_thread([&] { session->create_state("weights", 3); });
  on_new_thread([&] { session->write_state("weights", 0, ones); });
  auto program = on_new_thread([&] { return std::make_unique<Executable>(descent(*session)); });
  on_new_thread([&] { program->feed("gradient", ones); });
  on_new_thread([&] { program->run({.step = 1, .learning_rate = 0.5f}); });
  on_new_thread([&] { program->profile({.step = 2, .learning_rate = 0.25f}); });
  EXPECT_THAT(on_new_thread([&] { return session->read_state("weights", 0, 3); }),
              ElementsAre(0.25f, 0.25f, 0.25f));
  on_new_thread([&] { program.reset(); });
  on_new_thread([&] { session.reset(); });
}

TEST_F(CudaSession, TwoAtOnceShareADevice) {
  auto work = [](std::vector<float>& weights) {
    Session session(open_device("cuda"));
    session.create_state("weights", 3);
    weights = descend(session);
  };
  std::vector<float> one, other;
  std::thread first([&] { work(one); }), second([&] { work(other); });
  first.join();
  second.join();
  EXPECT_THAT(one, ElementsAre(-4.75f, -0.75f, -1.5f));
  EXPECT_EQ(one, other);
}

TEST_F(CudaSession, OnTwoDevicesByTurns) {
  stand_in::show_devices("9.0,7.5");
  Session one(open_device("cuda:0")), other(open_device("cuda:1"));
  for (Session* session : {&one, &other}) session->create_state("weights", 3);
  one.write_state("weights", 0, std::vector<float>{1, 1, 1});
  EXPECT_THAT(descend(other), ElementsAre(-4.75f, -0.75f, -1.5f));
  EXPECT_THAT(descend(one), ElementsAre(-3.75f, 0.25f, -0.5f));
}

// A long sum is two launches of one step, the second of which needs all of the first. A graph runs
// in another order each time, so that an edge which is missing shows in one of a few runs.
TEST_F(CudaSession, ASecondPhaseComesAfterTheFirst) {
  constexpr std::int64_t kCount = 300'000;
  Graph graph;
  graph.fetch("y", sum(cuda::matrix(graph, "x", {kCount})));
  Session session(open_device("cuda"));
  Executable program = session.compile(graph, "long sum");
  for (int i = 1; i <= 8; ++i) {
    program.feed("x", std::vector<float>(kCount, static_cast<float>(i)));
    program.run({});
    EXPECT_EQ(program.fetch_scalar("y"), static_cast<float>(i * kCount));
  }
}

TEST_F(CudaSession, ProfilesEveryLaunch) {
  Graph graph;
  graph.fetch("y", sum(cuda::matrix(graph, "x", {300'000})));
  Session session(open_device("cuda"));
  Executable program = session.compile(graph, "profiled");
  program.feed("x", std::vector<float>(300'000, 0.5f));
  const std::vector<LaunchTime> times = program.profile({});
  ASSERT_EQ(times.size(), 2u);
  for (const LaunchTime& time : times) {
    EXPECT_EQ(time.step, 0);
    EXPECT_GT(time.microseconds, 0);
  }
  EXPECT_EQ(program.fetch_scalar("y"), 150'000);
}

TEST_F(CudaSession, SaysHowMuchMemoryIsMissing) {
  stand_in::limit_memory(3 << 20);
  Session session(open_device("cuda"));
  session.create_state("first", 1 << 18);
  EXPECT_EQ(
      error_of([&] { session.create_state("second", 1 << 20); }),
      "cuda: 4.0 MiB were asked for and Stand-in for a GPU of compute capability 9.0, emulated "
      "on the host has 2.0 of 3.0 MiB free: ask for less or choose another device");
  session.create_state("third", 1 << 18);
}

}  // namespace
}  // namespace trine
