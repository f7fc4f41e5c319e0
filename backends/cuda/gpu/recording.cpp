#include "backends/cuda/gpu/recording.h"

namespace trine::cuda {
namespace {

// More edges than this between two stages and an empty node joins them instead.
constexpr std::size_t kMaxEdges = 64;

class GraphBuilder {
 public:
  explicit GraphBuilder(std::shared_ptr<Context> context) : context_(std::move(context)) {
    CUgraph graph = nullptr;
    driver().check(driver().cuGraphCreate(&graph, 0), "making a graph");
    graph_ = {context_, graph};
  }

  // Adds a stage of independent kernels; it runs when the stage before it is done.
  void add_stage(std::span<const Launch> launches, std::span<const CUfunction> functions) {
    if (before_.size() * launches.size() > kMaxEdges) join();
    std::vector<CUgraphNode> nodes;
    for (std::size_t i = 0; i < launches.size(); ++i)
      nodes.push_back(add_kernel(launches[i], functions[i]));
    before_ = std::move(nodes);
  }

  GraphExec instantiate() {
    CUgraphExec exec = nullptr;
    driver().check(driver().cuGraphInstantiate(&exec, graph_.get(), 0), "instantiating a graph");
    return {context_, exec};
  }

 private:
  const Driver& driver() const { return context_->use(); }

  CUgraphNode add_kernel(const Launch& launch, CUfunction function) {
    void* arguments[] = {const_cast<LaunchArgs*>(&launch.args)};  // copied by the driver
    CUDA_KERNEL_NODE_PARAMS params = {};
    params.func = function;
    params.gridDimX = launch.blocks;
    params.gridDimY = params.gridDimZ = 1;
    params.blockDimX = static_cast<unsigned>(launch.threads);
    params.blockDimY = params.blockDimZ = 1;
    params.kernelParams = arguments;
    CUgraphNode node = nullptr;
    driver().check(
        driver().cuGraphAddKernelNode(&node, graph_.get(), before_.data(), before_.size(), &params),
        "adding a kernel to a graph");
    return node;
  }

  void join() {
    CUgraphNode node = nullptr;
    driver().check(
        driver().cuGraphAddEmptyNode(&node, graph_.get(), before_.data(), before_.size()),
        "adding a join to a graph");
    before_ = {node};
  }

  std::shared_ptr<Context> context_;
  Graph graph_;
  std::vector<CUgraphNode> before_;
};

}  // namespace

GpuRecording::GpuRecording(std::shared_ptr<Context> context, std::vector<Launch> launches,
                           std::vector<CUfunction> functions)
    : context_(std::move(context)),
      launches_(std::move(launches)),
      functions_(std::move(functions)) {
  GraphBuilder builder(context_);
  const std::span all(launches_);
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    while (end < all.size() && all[end].stage == all[begin].stage) ++end;
    builder.add_stage(all.subspan(begin, end - begin),
                      std::span(functions_).subspan(begin, end - begin));
  }
  graph_ = builder.instantiate();
}

void GpuRecording::replay() {
  const Driver& driver = context_->use();
  driver.check(driver.cuGraphLaunch(graph_.get(), context_->stream()), "launching a program");
}

void GpuRecording::launch(std::size_t index) {
  const Launch& l = launches_[index];
  void* arguments[] = {const_cast<LaunchArgs*>(&l.args)};
  const Driver& driver = context_->use();
  driver.check(
      driver.cuLaunchKernel(functions_[index], l.blocks, 1, 1, static_cast<unsigned>(l.threads), 1,
                            1, 0, context_->stream(), arguments, nullptr),
      "launching a kernel");
}

std::vector<double> GpuRecording::time() {
  const Driver& driver = context_->use();
  auto mark = [&] {
    CUevent event = nullptr;
    driver.check(driver.cuEventCreate(&event, CU_EVENT_DEFAULT), "making an event");
    Event owned(context_, event);
    driver.check(driver.cuEventRecord(event, context_->stream()), "recording an event");
    return owned;
  };
  std::vector<Event> marks;
  marks.push_back(mark());
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    launch(i);
    marks.push_back(mark());
  }
  context_->synchronize();
  std::vector<double> microseconds;
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    float milliseconds = 0;
    driver.check(driver.cuEventElapsedTime(&milliseconds, marks[i].get(), marks[i + 1].get()),
                 "reading an event");
    microseconds.push_back(1000.0 * static_cast<double>(milliseconds));
  }
  return microseconds;
}

}  // namespace trine::cuda
