#include "tests/cuda_sanitizer/sanitizer.h"

#include <utility>

#include <fmt/format.h>

#include "cuda/emulation/block.h"
#include "cuda/emulation/builtins.h"

namespace trine::sanitizer {
namespace {

constexpr std::size_t kMostFindings = 8;

std::string describe(const Access& other, const Access& self) {
  if (other.block != self.block) return fmt::format("thread {} of another block", other.thread);
  return fmt::format("thread {} of the same block between the same barriers", other.thread);
}

}  // namespace

Sanitizer& Sanitizer::instance() {
  static Sanitizer sanitizer;
  return sanitizer;
}

void Sanitizer::begin_launch(const cuda::Launch& launch) {
  launch_ = &launch;
  parameters_ = Region(reinterpret_cast<std::uintptr_t>(&launch.args), sizeof(launch.args));
}

void Sanitizer::end_launch() {
  first_block_ += launch_->blocks;
  launch_ = nullptr;
}

void Sanitizer::access(const Event& event) {
  if (!launch_ || inside_) return;
  inside_ = true;  // this file's templates may be instrumented copies of the kernels'
  ++accesses_;
  const std::uintptr_t end = event.address + event.bytes;
  for (std::uintptr_t word = event.address / 4 * 4; word < end; word += 4) access_word(event, word);
  inside_ = false;
}

Access Sanitizer::self(Space space) const {
  const std::uint32_t block = first_block_ + cuda::blockIdx.x;
  // Shared memory is the block's own: whatever other blocks did there is of no concern.
  return {.scope = space == Space::shared ? block + 1 : stage_,
          .block = block,
          .epoch = emulation::barriers_passed(),
          .thread = static_cast<std::uint16_t>(cuda::threadIdx.x)};
}

void Sanitizer::access_word(const Event& event, std::uintptr_t address) {
  const auto [space, region] = memory_.find(address, event.frame, parameters_);
  if (space == Space::nowhere) return report(event, address, "which is no memory of the device");
  if (event.is_write && (space == Space::parameter || space == Space::constant))
    return report(event, address, "which is read-only");
  if (!region) return;
  History& word = region->at(address);
  const Access by = self(space);
  if (event.is_write) {
    if (const Access* other = word.write(by))
      report(event, address, "which races with " + describe(*other, by));
    return;
  }
  if (word.poisoned() || (space == Space::shared && !word.written_in(by.scope)))
    report(event, address, "which nothing has written");
  if (const Access* other = word.read(by))
    report(event, address, "which races with the write of " + describe(*other, by));
}

void Sanitizer::report(const Event& event, std::uintptr_t address, const std::string& what) {
  if (findings_.size() >= kMostFindings) return;
  const Region* region = memory_.find(address, event.frame, parameters_).region;
  const std::string place =
      region ? fmt::format("word {} of {} bytes of {} memory", (address - region->begin) / 4,
                           region->end - region->begin,
                           memory_.allocation_at(address) ? "device" : "shared")
             : fmt::format("{:#x}", address);
  findings_.push_back(fmt::format("{}: block {}, thread {} {} {}, {} (at {:#x} of the program)",
                                  launch_->kernel, cuda::blockIdx.x, cuda::threadIdx.x,
                                  event.is_write ? "writes" : "reads", place, what,
                                  event.program - memory_.program_begin()));
}

std::vector<std::string> Sanitizer::take_findings() { return std::exchange(findings_, {}); }

}  // namespace trine::sanitizer
