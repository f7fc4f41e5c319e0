// From operands of a plan to operands of tiles, and the epilogues of structured steps.
#pragma once

#include <memory>
#include <vector>

#include "backends/cpu/tiles.h"
#include "engine/layout.h"

namespace trine::cpu {

std::vector<TileOperand> tile_operands(const BuildContext& build,
                                       std::span<const Operand> operands);

// The expression that follows a structured kernel. The kernel writes its result to landing(), dense
// in the shape of the op's output; run() turns a range of it into what is stored. Empty if the step
// has no epilogue: landing() is then the output itself.
class Epilogue {
 public:
  Epilogue(BuildContext& build, const Step& step, const Member& member);
  // For a kernel that does what the expression says itself.
  static Epilogue none(const BuildContext& build, const Member& member);

  float* landing() const { return landing_; }
  bool empty() const { return !tiles_; }
  void run(std::int64_t begin, std::int64_t end, const TaskContext& context) const {
    if (tiles_) tiles_->run(begin, end, context);
  }

 private:
  explicit Epilogue(float* landing) : landing_(landing) {}

  float* landing_;
  std::shared_ptr<const Tiles> tiles_;
};

}  // namespace trine::cpu
