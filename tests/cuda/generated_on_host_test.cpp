// Runs generated CUDA text without a GPU: the host's compiler builds it over the emulation into a
// shared library, and the results must equal those of the interpreter.
#include <cstdlib>

#include <dlfcn.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "backends/cuda/emulated.h"
#include "backends/cuda/generated_source.h"
#include "cuda/emulation/block.h"
#include "cuda/emulation/kernels.h"
#include "engine/error.h"
#include "engine/philox.h"
#include "tests/cuda/capturing_machine.h"
#include "tests/cuda/examples.h"
#include "tests/support/temporary_folder.h"

namespace trine::cuda {
namespace {

using RunGenerated = void (*)(unsigned blocks, int threads, const LaunchArgs& args);

// The text under the names that NVRTC would define, with an entry for this test.
std::string host_text(const GeneratedSource& source) {
  return fmt::format(
      "#define __CUDACC_RTC__\n#define __global__\n#define __launch_bounds__(...)\n"
      "{}\n#include \"cuda/emulation/block.h\"\n"
      "extern \"C\" void run_generated(unsigned blocks, int threads,\n"
      "                              const trine::cuda::LaunchArgs& args) {{\n"
      "  trine::emulation::run_blocks(blocks, threads, [&] {{ {}(args); }});\n}}\n",
      source.text, source.kernel);
}

// A folder of each call's own: tests run side by side. The loaded library outlives its file.
RunGenerated compile_on_host(const GeneratedSource& source) {
  const TemporaryFolder folder;
  const std::string text = folder / "generated.cpp", library = folder / "generated.so";
  write_contents(text, host_text(source));
  const std::string command = fmt::format(
      "c++ -std=c++20 -O1 -ffp-contract=off -fPIC -shared -I'{0}' -o '{1}' '{2}' "
      "'{0}/cuda/emulation/block.cpp' '{0}/cuda/emulation/fiber.cpp' -lfmt",
      TRINE_SOURCE_DIR, library, text);
  if (std::system(command.c_str()) != 0) fail("the generated text does not compile: {}", command);
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) fail("the library does not load: {}", dlerror());
  return reinterpret_cast<RunGenerated>(dlsym(handle, "run_generated"));
}

// What puts fetches side by side has no text of its own.
void run_plain_copy(unsigned blocks, int threads, const LaunchArgs& args) {
  const emulation::Kernel& kernel = emulation::find_kernel("copy");
  emulation::run_blocks(blocks, threads, [&] { kernel.run(args); });
}

class HostRecording final : public Recording {
 public:
  explicit HostRecording(const std::vector<Launch>& launches) : launches_(launches) {
    for (const Launch& launch : launches)
      kernels_.push_back(launch.step == kPacking ? run_plain_copy
                                                 : compile_on_host(generate_source(launch)));
  }
  void replay() override {
    for (std::size_t i = 0; i < launches_.size(); ++i)
      kernels_[i](launches_[i].blocks, launches_[i].threads, launches_[i].args);
  }
  std::vector<double> time() override { return {}; }

 private:
  std::vector<Launch> launches_;
  std::vector<RunGenerated> kernels_;
};

class HostMachine final : public CapturingMachine {
 public:
  std::unique_ptr<Recording> record(std::vector<Launch> launches) override {
    return std::make_unique<HostRecording>(launches);
  }
};

std::vector<float> run_on(std::unique_ptr<Backend> backend, const Example& example) {
  Graph graph;
  example.capture(graph);
  Session session(std::move(backend));
  Executable program = session.compile(graph, example.label);
  std::uint32_t id = 0;
  for (const Feed& feed : program.plan().feeds) {
    std::vector<float> values(static_cast<std::size_t>(count(feed.operand.type.shape)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = random_uniform(11, id, 0, i) - 0.5f;
    program.feed(feed.name, values);
    ++id;
  }
  program.run({.seed = 5, .step = 3});
  return program.fetch("y");
}

class GeneratedOnHost : public testing::TestWithParam<Example> {};

TEST_P(GeneratedOnHost, EqualsTheInterpreter) {
  if (std::system("c++ --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no c++ here";
  EXPECT_EQ(run_on(make_backend(std::make_shared<HostMachine>()), GetParam()),
            run_on(make_cuda_emulated_backend(), GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Examples, GeneratedOnHost, testing::ValuesIn(kExamples));

}  // namespace
}  // namespace trine::cuda
