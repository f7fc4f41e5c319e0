// That a missing edge of a graph would show: recordings from which all edges were taken give wrong
// results, while those with them never do.
#include <set>

#include "backends/cuda/backend.h"
#include "backends/cuda/gpu/kernels.h"
#include "backends/cuda/gpu/recording.h"
#include "backends/session.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/ops/views.h"
#include "tests/cuda_driver/stand_in.h"

namespace trine::stand_in {
namespace {

using cuda::Address, cuda::Launch, cuda::Recording;

class CudaOrder : public Test {};

const cuda::Driver& driver() {
  std::string why;
  return *cuda::find_driver(why);
}

// A GPU whose recordings may forget that one stage comes after another.
class ForgetfulMachine final : public cuda::Machine {
 public:
  explicit ForgetfulMachine(bool forgets) : forgets_(forgets) {}

  DeviceInfo info() const override { return cuda::describe_device(driver(), 0); }
  Address allocate(std::int64_t bytes) override {
    CUdeviceptr memory = 0;
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 4));
    context_->use().cuMemAlloc(&memory, size);
    context_->use().cuMemsetD8Async(memory, 0, size, context_->stream());
    return memory;
  }
  void release(Address address) noexcept override {
    context_->synchronize();
    context_->use_quietly().cuMemFree(address);
  }
  void upload(Address to, std::span<const std::byte> data) override {
    context_->use().cuMemcpyHtoDAsync(to, data.data(), data.size(), context_->stream());
  }
  void download(Address from, std::span<std::byte> data) const override {
    context_->use().cuMemcpyDtoHAsync(data.data(), from, data.size(), context_->stream());
  }
  void fill(Address, std::uint32_t, std::int64_t) override {}
  std::unique_ptr<Recording> record(std::vector<Launch> launches) override {
    if (forgets_)
      for (Launch& launch : launches) launch.stage = 0;
    std::vector<CUfunction> functions = kernels_.find(launches);
    return std::make_unique<cuda::GpuRecording>(context_, std::move(launches),
                                                std::move(functions));
  }

 private:
  bool forgets_;
  std::shared_ptr<cuda::Context> context_ = std::make_shared<cuda::Context>(driver(), 0);
  cuda::Kernels kernels_{context_};
};

// What chains of three sums give, run again and again with other inputs. No launch is merged with
// another, so that a stage has as many as there are chains.
std::set<float> results_of_chains(int chains, bool forgets) {
  Graph graph;
  for (int c = 0; c < chains; ++c) {
    Tensor x = input(graph, fmt::format("x{}", c), {DType::f32, {100}});
    for (int i = 0; i < 3; ++i) x = broadcast_to(sum(x, {0}, true), {100});
    graph.fetch(fmt::format("y{}", c), sum(x));
  }
  Session session(cuda::make_backend(std::make_shared<ForgetfulMachine>(forgets)),
                  PassOptions::parse("none"));
  Executable program = session.compile(graph, "chains");
  std::set<float> results;
  for (int i = 1; i <= 8; ++i) {
    const auto value = static_cast<float>(i);
    for (int c = 0; c < chains; ++c)
      program.feed(fmt::format("x{}", c), std::vector<float>(100, value));
    program.run({});
    for (int c = 0; c < chains; ++c)
      results.insert(program.fetch_scalar(fmt::format("y{}", c)) / value);
  }
  return results;
}

const std::set<float> kExpected{1e8f};

TEST_F(CudaOrder, IsKeptByEdgesAndWithoutThemShows) {
  EXPECT_EQ(results_of_chains(1, false), kExpected);
  EXPECT_NE(results_of_chains(1, true), kExpected);
}

// Ten launches after ten are too many edges: an empty node joins them.
TEST_F(CudaOrder, IsKeptBetweenWideStages) { EXPECT_EQ(results_of_chains(10, false), kExpected); }

}  // namespace
}  // namespace trine::stand_in
