// From the steps of a plan to launches: what the builders of the ops share.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include "backends/cuda/machine.h"
#include "backends/cuda/table.h"
#include "backends/precision.h"
#include "engine/plan.h"

namespace trine::cuda {

// Where the launches of a step go. A step has up to two phases: launches of the second come after
// all of the first of its wave.
class Build {
 public:
  Build(std::shared_ptr<Machine> machine, std::vector<Address> bases, Precision precision)
      : machine_(std::move(machine)), bases_(std::move(bases)), precision_(precision) {}

  static constexpr int kPhases = 2;

  void begin_step(int index, const Step& step) {
    step_ = index;
    wave_ = step.wave;
  }

  template <class T = float>
  T* address(const Operand& operand) const {
    return reinterpret_cast<T*>(bases_[static_cast<std::size_t>(operand.buffer)] +
                                static_cast<Address>(operand.offset * size_of(operand.type.dtype)));
  }

  // Memory that lives as long as the program, for partial results between phases.
  float* keep(std::int64_t floats);

  Table& table() { return table_; }
  Precision precision() const { return precision_; }

  // Completes the launch with its place, records and block count and adds it. Every record must
  // have its first_block set; `blocks` is the total.
  template <class Member>
  void add(Launch launch, const std::vector<Member>& members, unsigned blocks, int phase = 0) {
    if (members.empty()) return;
    launch.args.members = table_.append<Member>(members);
    launch.args.count = static_cast<int>(members.size());
    launch.args.owners = members.size() > 1 ? table_.append<int>(owners_of(members, blocks)) : 0;
    launch.blocks = blocks;
    launch.stage = wave_ * kPhases + phase;
    launch.step = step_;
    launches_.push_back(launch);
  }

  std::vector<Launch>& launches() { return launches_; }
  std::vector<Memory> release_kept() { return std::move(kept_); }

 private:
  // For each block the number of its record.
  template <class Member>
  static std::vector<int> owners_of(const std::vector<Member>& members, unsigned blocks) {
    std::vector<int> owners(blocks);
    for (std::size_t i = 1; i < members.size(); ++i)
      owners[static_cast<std::size_t>(members[i].first_block)] = static_cast<int>(i);
    std::partial_sum(owners.begin(), owners.end(), owners.begin(),
                     [](int before, int own) { return std::max(before, own); });
    return owners;
  }

  std::shared_ptr<Machine> machine_;
  std::vector<Address> bases_;
  Precision precision_;
  Table table_;
  std::vector<Launch> launches_;
  std::vector<Memory> kept_;
  int step_ = 0, wave_ = 0;
};

// Gives out block numbers to the members of one launch.
class Blocks {
 public:
  // The first block of a member that takes `count` of them.
  int take(std::int64_t count) {
    const unsigned first = total_;
    total_ += static_cast<unsigned>(count);
    return static_cast<int>(first);
  }
  unsigned total() const { return total_; }

 private:
  unsigned total_ = 0;
};

inline std::int64_t ceil_div(std::int64_t x, std::int64_t y) { return (x + y - 1) / y; }

// ---- operands ----

// An extent as kernels divide by it; below 2^31.
Divisor divisor_of(std::int64_t extent);
Domain domain_of(const Shape& shape);

// An operand over an index space of the given strides.
Window window_of(const Build& build, const Operand& operand, const Strides& strides);

// Operands and scalars of an expression over `domain`, with neighbouring dimensions merged where
// all operands allow. Every operand has as many dimensions as the domain.
Points points_of(Build& build, Shape domain, std::span<const Operand> inputs,
                 std::span<const Operand> outputs, std::span<const std::uint32_t> scalars);

// Of a structured step's epilogue, or of a plain store where it has none.
Points epilogue_points(Build& build, const Step& step, const Member& member);

// Makes the launch run `expression` (a body or a prologue): its code goes to the table.
Code code_of(Build& build, const Expression& expression);

// Empty if kernels can hold the expression, else why not.
std::string expression_limits(const Expression& expression);

// ---- kernels of structured ops: each file ops/NAME.cpp gives its own as NAME_kernels() ----

struct OpKernel {
  std::string_view op;
  void (*build)(Build&, const Step&);  // appends the launches of a step
  // Empty if the kernel holds the member; otherwise why not and what to do. Null: it holds any.
  std::string (*why_not)(const Member&) = nullptr;
  bool epilogue = false, prologue = false;  // whether steps may be fused onto it (plan.h, Step)
};

// Generated from the files in ops/.
const std::vector<OpKernel>& op_kernels();

void build_elementwise(Build& build, const Step& step);

}  // namespace trine::cuda
