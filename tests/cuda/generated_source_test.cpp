// The CUDA text of fused launches: what it says, and that NVRTC takes it. NVRTC needs no GPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/cuda/generated_source.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "tests/cuda/capturing_machine.h"

#ifdef TRINE_HAS_CUDA
#include <cstdlib>

#include "backends/cuda/gpu/compiler.h"
#include "engine/error.h"
#endif

namespace trine::cuda {
namespace {

using testing::HasSubstr;
using testing::Not;

Tensor matrix(Graph& graph, std::string name, Shape shape) {
  return input(graph, std::move(name), {DType::f32, shape});
}

struct Example {
  const char* label;
  void (*capture)(Graph&);
};

void capture_chain(Graph& graph) {
  const Tensor x = matrix(graph, "x", {5, 7});
  graph.fetch("y", tanh(dropout(x * 2.0f + 1.0f, 0.25)));
}

void capture_product(Graph& graph) {
  const Tensor product = matmul(matrix(graph, "a", {40, 30}), matrix(graph, "b", {30, 20}));
  graph.fetch("y", relu(product + matrix(graph, "bias", {20})));
}

void capture_reduction(Graph& graph) {
  const Tensor x = matrix(graph, "x", {9, 700});
  graph.fetch("y", sqrt(sum(square(x - 1.0f), {1}) * 0.5f));
}

const Example kExamples[] = {{"elementwise chain", capture_chain},
                             {"matrix product with epilogue", capture_product},
                             {"reduction with prologue and epilogue", capture_reduction}};

// The one fused launch of an example.
template <class Use>
void with_source(const Example& example, Use use) {
  Graph graph;
  example.capture(graph);
  const CapturedProgram program(graph);
  ASSERT_EQ(program.launches().size(), 1u) << to_string(program.plan());
  ASSERT_NE(program.launches()[0].body, nullptr);
  use(generate_source(program.launches()[0]));
}

TEST(GeneratedSource, ElementwiseChainIsStraightLineCode) {
  with_source(kExamples[0], [](const GeneratedSource& source) {
    EXPECT_EQ(source.kernel, "elementwise<trine::cuda::Identity, trine::cuda::GeneratedBody>");
    EXPECT_THAT(source.text, HasSubstr("#include \"cuda/elementwise.cu\""));
    EXPECT_THAT(source.text, HasSubstr("TRINE_DEVICE float row_tanh(float x) { return "));
    EXPECT_THAT(source.text, HasSubstr("const float r0 = at.load(0);"));
    EXPECT_THAT(source.text, HasSubstr("random_draw("));
    EXPECT_THAT(source.text, HasSubstr("at.store(0, r"));
  });
}

TEST(GeneratedSource, EpilogueLoadsTheProductAndItsOperands) {
  with_source(kExamples[1], [](const GeneratedSource& source) {
    EXPECT_EQ(source.kernel, "matmul_deep<trine::cuda::Identity, trine::cuda::GeneratedBody>");
    EXPECT_THAT(source.text, HasSubstr("const float r1 = at.load(1);"));
    EXPECT_THAT(source.text, HasSubstr("row_relu"));
    EXPECT_THAT(source.text, Not(HasSubstr("GeneratedPrologue")));
  });
}

TEST(GeneratedSource, ReductionHasBothEnds) {
  with_source(kExamples[2], [](const GeneratedSource& source) {
    EXPECT_EQ(source.kernel,
              "reduce_sum<trine::cuda::GeneratedPrologue, trine::cuda::GeneratedBody>");
    EXPECT_LT(source.text.find("row_square(r"), source.text.find("row_sqrt(r"));
  });
}

// Members that differ only in scalars share one kernel: no value stands in the text.
TEST(GeneratedSource, ScalarsStayOutOfTheText) {
  Graph graph;
  const Tensor x = matrix(graph, "x", {5, 7});
  graph.fetch("y", x * 2.71875f);
  graph.fetch("z", x * 3.140625f);
  const CapturedProgram program(graph);
  ASSERT_EQ(program.launches().size(), 1u);
  EXPECT_EQ(program.launches()[0].args.count, 2);
  EXPECT_THAT(generate_source(program.launches()[0]).text, Not(HasSubstr("2.71")));
}

#ifdef TRINE_HAS_CUDA
TEST(GeneratedSource, CompilesForEveryArchitecture) {
  std::string why;
  const Compiler* compiler = Compiler::find(why);
  if (!compiler) GTEST_SKIP() << why;
  const std::string cache = testing::TempDir() + "trine_cuda_cache";
  setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  for (const Example& example : kExamples)
    with_source(example, [&](const GeneratedSource& source) {
      for (int architecture : {75, 90, 120}) {
        const CompiledKernel kernel = compiler->compile(source, architecture);
        EXPECT_FALSE(kernel.symbol.empty()) << example.label;
        // A second time it comes from the disk, and is the same.
        EXPECT_EQ(compiler->compile(source, architecture).cubin, kernel.cubin) << example.label;
      }
    });
}

TEST(GeneratedSource, ATextThatDoesNotCompileShowsTheLog) {
  std::string why;
  const Compiler* compiler = Compiler::find(why);
  if (!compiler) GTEST_SKIP() << why;
  try {
    compiler->compile({"no such language\n", "kernel"}, 90);
    FAIL() << "it compiled";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("does not compile for sm_90"));
    EXPECT_THAT(error.what(), HasSubstr("generated.cu"));
  }
}
#endif

}  // namespace
}  // namespace trine::cuda
