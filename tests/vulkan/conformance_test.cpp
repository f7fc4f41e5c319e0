// The conformance suite on a Vulkan device, with validation layers, at two vector widths of Mesa's
// processor implementation (other drivers ignore the width).
#include <gtest/gtest.h>

#include "backends/conformance/conformance.h"
#include "backends/registry.h"
#include "backends/vulkan/memory.h"
#include "engine/op.h"
#include "tests/support/errors.h"
#include "tests/vulkan/child.h"
#include "tests/vulkan/device_present.h"
#include "tests/vulkan/intercept.h"

namespace trine {
namespace {

std::map<std::string, std::string> validated(std::map<std::string, std::string> more) {
  more.emplace("TRINE_VULKAN_VALIDATION", "1");
  // Also hazards between submissions.
  more.emplace("VK_LAYER_ENABLES",
               "VALIDATION_CHECK_ENABLE_SYNCHRONIZATION_VALIDATION_QUEUE_SUBMIT");
  more.emplace("LP_NUM_THREADS", "0");  // makes tiny dispatches ten times cheaper there
  return more;
}

bool validation_is_missing(const std::map<std::string, std::string>& env) {
  const ChildResult bare = run_child("VulkanChild.DISABLED_Opens", env);
  return bare.output.find("vulkan-validationlayers") != std::string::npos;
}

void expect_child_passes(const std::string& test, std::map<std::string, std::string> env) {
  if (validation_is_missing(env)) {
    env.erase("TRINE_VULKAN_VALIDATION");
    GTEST_LOG_(WARNING) << "the validation layer is not installed: running without";
  }
  const ChildResult result = run_child("VulkanChild." + test, env);
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_NE(result.output.find("1 test"), std::string::npos) << result.output;
}

TEST(VulkanChild, DISABLED_Opens) { EXPECT_FALSE(open_device("vulkan")->info().name.empty()); }

TEST(VulkanChild, DISABLED_Conformance) {
  const auto cases = run_conformance([] { return open_device("vulkan"); }, {});
  EXPECT_GT(cases.size(), 500u);
  for (const ConformanceCase& c : cases)
    EXPECT_TRUE(c.passed) << c.name << " " << c.what << ": " << c.message;
}

TEST(VulkanChild, DISABLED_SomeConformance) {
  ConformanceOptions options;
  options.filter = "*at*/*";  // concat, attention, gather, matmul, negate, ...
  const auto cases = run_conformance([] { return open_device("vulkan"); }, options);
  EXPECT_GT(cases.size(), 50u);
  for (const ConformanceCase& c : cases)
    EXPECT_TRUE(c.passed) << c.name << " " << c.what << ": " << c.message;
}

// Every op forward in every mode, on its first sample. GPU-assisted validation rewrites each kernel
// so that it checks where it reads and writes, which makes kernels several times as large and as
// slow to compile. Gradients use the kernels of other ops, and what other samples add are shapes
// for kernels that these have covered; the guards around the workspace check those.
TEST(VulkanChild, DISABLED_FirstSamples) {
  int cases = 0;
  for (const OpDef* op : all_ops()) {
    const std::vector<Sample> samples = op->samples ? op->samples() : std::vector<Sample>{};
    if (samples.empty()) continue;
    ConformanceOptions options;
    options.gradient = false;
    options.filter = fmt::format("{}/{}", op->name, samples.front().label);
    for (const ConformanceCase& c :
         run_conformance([] { return open_device("vulkan"); }, options)) {
      EXPECT_TRUE(c.passed) << c.name << " " << c.what << ": " << c.message;
      ++cases;
    }
  }
  EXPECT_GE(cases, 3 * 50);
}

// Writes one buffer twice with nothing in between.
TEST(VulkanChild, DISABLED_Hazard) {
  OwnDevice own;
  const vulkan::Memory memory(own.open.device, 256, vulkan::Home::device, "a test");
  own.open.device.run_once([&](VkCommandBuffer commands) {
    for (const std::uint32_t word : {1u, 2u})
      own.open.device.api().vkCmdFillBuffer(commands, memory.buffer(), 0, VK_WHOLE_SIZE, word);
  });
  EXPECT_THAT(error_of([] { vulkan::Instance::get().throw_complaints(); }),
              testing::HasSubstr("WRITE_AFTER_WRITE"));
}

TEST(VulkanConformance, FailsOnAWarning) {
  TRINE_NEEDS_VULKAN();
  if (validation_is_missing(validated({}))) GTEST_SKIP() << "the validation layer is not installed";
  expect_child_passes("DISABLED_Hazard", validated({}));
}

TEST(VulkanConformance, PassesAtNarrowVectors) {
  TRINE_NEEDS_VULKAN();
  expect_child_passes("DISABLED_Conformance", validated({{"LP_NATIVE_VECTOR_WIDTH", "128"}}));
}

TEST(VulkanConformance, PassesAtWideVectors) {
  TRINE_NEEDS_VULKAN();
  expect_child_passes("DISABLED_Conformance", validated({{"LP_NATIVE_VECTOR_WIDTH", "512"}}));
}

TEST(VulkanConformance, PassesGpuAssistedValidation) {
  TRINE_NEEDS_VULKAN();
  if (validation_is_missing(validated({}))) GTEST_SKIP() << "the validation layer is not installed";
  expect_child_passes("DISABLED_FirstSamples", validated({{"TRINE_VULKAN_VALIDATION", "gpu"}}));
}

TEST(VulkanConformance, PassesWhereEverythingIsStaged) {
  TRINE_NEEDS_VULKAN();
  expect_child_passes("DISABLED_SomeConformance", validated({{"TRINE_VULKAN_FORCE_STAGING", "1"}}));
}

}  // namespace
}  // namespace trine
