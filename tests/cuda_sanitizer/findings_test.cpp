// The sanitizer on kernels with one mistake each: it names the mistake, and nothing in their
// correct twins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/cuda_sanitizer/machine.h"

namespace trine::sanitizer {
namespace {

using testing::HasSubstr, testing::IsEmpty;

constexpr int kWords = 2 * cuda::kWarp;

class Findings : public testing::Test {
 protected:
  // Two blocks of a warp, over memory of `words` words.
  cuda::Launch launch(std::string_view kernel, int stage = 0) const {
    cuda::Launch launch{.kernel = kernel, .threads = cuda::kWarp, .blocks = 2, .stage = stage};
    launch.args.table = reinterpret_cast<const unsigned char*>(table_.address());
    return launch;
  }
  void use_memory(std::int64_t words) {
    memory_ = cuda::Memory(machine_, words * 4);
    const cuda::Address address = memory_.address();
    machine_->upload(table_.address(), std::as_bytes(std::span(&address, 1)));
  }
  static std::string found(const std::vector<cuda::Launch>& launches) {
    try {
      run(launches);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  void SetUp() override { use_memory(kWords); }

  std::shared_ptr<cuda::Machine> machine_ = make_machine();
  cuda::Memory table_{machine_, 8}, memory_;
};

TEST_F(Findings, NothingInAKernelWithBothBarriers) {
  EXPECT_THAT(found({launch("faulty_nothing")}), IsEmpty());
}

TEST_F(Findings, AReadBeforeTheBarrier) {
  EXPECT_THAT(found({launch("faulty_no_barrier_before_read")}),
              HasSubstr("of the same block between the same barriers"));
}

TEST_F(Findings, AWriteBeforeTheOthersHaveRead) {
  EXPECT_THAT(found({launch("faulty_no_barrier_after_read")}),
              HasSubstr("shared memory, which races with thread"));
}

TEST_F(Findings, SharedMemoryThatAnEarlierBlockWrote) {
  EXPECT_THAT(found({launch("faulty_read_stale")}),
              testing::AllOf(HasSubstr("block 1"), HasSubstr("which nothing has written")));
}

TEST_F(Findings, OneWordWrittenByAllThreads) {
  EXPECT_THAT(found({launch("faulty_add_to_one")}), HasSubstr("device memory, which races with"));
}

TEST_F(Findings, AnotherBlocksWordsWhichNoBarrierOrders) {
  EXPECT_THAT(found({launch("faulty_read_other_block")}), HasSubstr("of another block"));
}

TEST_F(Findings, AWordBeyondTheAllocation) {
  EXPECT_THAT(found({launch("faulty_copy_beyond")}), HasSubstr("which is no memory of the device"));
}

TEST_F(Findings, AWriteToTheArguments) {
  EXPECT_THAT(found({launch("faulty_write_parameter")}), HasSubstr("which is read-only"));
}

TEST_F(Findings, WordsThatAFillHasMadeForgotten) {
  use_memory(2 * kWords);
  EXPECT_THAT(found({launch("faulty_copy_within")}), IsEmpty());
  machine_->fill(memory_.address(), 0, kWords);
  EXPECT_THAT(found({launch("faulty_copy_within")}), HasSubstr("which nothing has written"));
}

TEST_F(Findings, LaunchesOfOneStageThatWriteTheSameWords) {
  EXPECT_THAT(found({launch("faulty_nothing", 0), launch("faulty_nothing", 1)}), IsEmpty());
  EXPECT_THAT(found({launch("faulty_nothing", 1), launch("faulty_nothing", 1)}),
              HasSubstr("of another block"));
}

}  // namespace
}  // namespace trine::sanitizer
