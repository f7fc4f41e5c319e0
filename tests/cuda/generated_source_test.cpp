// The CUDA text of fused launches: what it says, and that NVRTC takes it. NVRTC needs no GPU.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/cuda/generated_source.h"
#include "engine/error.h"
#include "tests/cuda/capturing_machine.h"
#include "tests/cuda/examples.h"
#include "tests/support/temporary_folder.h"

#ifdef TRINE_HAS_CUDA
#include "backends/cuda/gpu/compiler.h"
#endif

namespace trine::cuda {
namespace {

using testing::HasSubstr;
using testing::Not;

// The text of the one fused launch of an example.
GeneratedSource source_of(const Example& example) {
  Graph graph;
  example.capture(graph);
  const CapturedProgram program(graph);
  if (program.launches().size() != 1 || !program.launches()[0].body)
    fail("expected one fused launch: {}", to_string(program.plan()));
  return generate_source(program.launches()[0]);
}

TEST(GeneratedSource, ElementwiseChainIsStraightLineCode) {
  const GeneratedSource source = source_of(kChain);
  EXPECT_EQ(source.kernel, "elementwise<trine::cuda::Identity, trine::cuda::GeneratedBody>");
  EXPECT_THAT(source.text, HasSubstr("#include \"cuda/elementwise.cu\""));
  EXPECT_THAT(source.text, HasSubstr("TRINE_DEVICE float row_tanh(float x) { return "));
  EXPECT_THAT(source.text, HasSubstr("const float r0 = at.load(0);"));
  EXPECT_THAT(source.text, HasSubstr("random_draw("));
  EXPECT_THAT(source.text, HasSubstr("at.store(0, r"));
}

TEST(GeneratedSource, EpilogueLoadsTheProductAndItsOperands) {
  const GeneratedSource source = source_of(kProduct);
  EXPECT_EQ(source.kernel, "matmul_deep<trine::cuda::Identity, trine::cuda::GeneratedBody>");
  EXPECT_THAT(source.text, HasSubstr("const float r1 = at.load(1);"));
  EXPECT_THAT(source.text, HasSubstr("row_relu"));
  EXPECT_THAT(source.text, Not(HasSubstr("GeneratedPrologue")));
}

TEST(GeneratedSource, ReductionHasBothEnds) {
  const GeneratedSource source = source_of(kReduction);
  EXPECT_EQ(source.kernel,
            "reduce_sum<trine::cuda::GeneratedPrologue, trine::cuda::GeneratedBody>");
  EXPECT_LT(source.text.find("row_square(r"), source.text.find("row_sqrt(r"));
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
class Nvrtc : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    compiler_ = Compiler::find(90, why);
    if (!compiler_) GTEST_SKIP() << why;
    setenv("XDG_CACHE_HOME", cache_.path().c_str(), 1);
  }

  const TemporaryFolder cache_;
  const Compiler* compiler_ = nullptr;
};

TEST_F(Nvrtc, CompilesEveryKindOfSource) {
  for (const Example& example : kExamples) {
    const CompiledKernel kernel = compiler_->compile(source_of(example), 90);
    EXPECT_FALSE(kernel.symbol.empty()) << example.label;
    // A second time it comes from the disk, and is the same.
    EXPECT_EQ(compiler_->compile(source_of(example), 90).cubin, kernel.cubin) << example.label;
  }
}

TEST_F(Nvrtc, CompilesForOldAndNewGpus) {
  for (int architecture : {75, 120}) {
    std::string why;
    const Compiler* compiler = Compiler::find(architecture, why);
    ASSERT_TRUE(compiler) << why;
    EXPECT_FALSE(compiler->compile(source_of(kProduct), architecture).cubin.empty());
  }
}

TEST_F(Nvrtc, IsNotToBeHadForGpusThatItDoesNotKnow) {
  std::string why;
  EXPECT_FALSE(Compiler::find(707, why));
  EXPECT_EQ(why, "NVRTC " + compiler_->version() +
                     " does not know compute capability 70.7; install that of a CUDA toolkit for "
                     "this GPU for faster kernels");
}

TEST_F(Nvrtc, ATextThatDoesNotCompileShowsTheLog) {
  try {
    compiler_->compile({"no such language\n", "kernel"}, 90);
    FAIL() << "it compiled";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("does not compile for sm_90"));
    EXPECT_THAT(error.what(), HasSubstr("generated.cu"));
  }
}
#endif

}  // namespace
}  // namespace trine::cuda
