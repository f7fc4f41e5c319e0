// The stand-in for NVIDIA's driver, as tests see it: it is steered by functions that it exports
// beside the driver's own. Only this program finds it (tests/cuda_driver/driver/library.cmake).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/registry.h"
#include "tests/support/errors.h"

namespace trine::stand_in {

// As in tests/cuda_driver/driver/control.h.
void show_devices(const char* capabilities);
void limit_memory(std::size_t bytes);
void seed(std::uint64_t value);
void fail(const char* entry, int call, int result);
std::string left_over();
void reset();

// One device as new before each test, and nothing left of it behind. Expressions are interpreted
// unless a test asks for NVRTC.
class Test : public testing::Test {
 protected:
  void SetUp() override {
    reset();
    setenv("TRINE_CUDA_NVRTC", "0", 1);
  }
  void TearDown() override { EXPECT_EQ(left_over(), ""); }
};

}  // namespace trine::stand_in
