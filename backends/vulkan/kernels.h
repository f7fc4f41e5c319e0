// How each kind of step runs: its pipeline, the record of a member and the work groups that it
// wants. What the words of a record mean is written at the top of each kernel in shaders/.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "backends/vulkan/bindings.h"
#include "backends/vulkan/pipelines.h"
#include "engine/plan.h"

namespace trine::vulkan {

// Writes one member's record.
class Record {
 public:
  Record(const Bindings& bindings, std::vector<std::uint32_t>& words)
      : bindings_(bindings), words_(words) {}

  void put(std::int64_t value) { words_.push_back(static_cast<std::uint32_t>(value)); }
  void put_float(double value) {
    words_.push_back(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  }
  void put_source(const Operand& operand) { put_address(bindings_.source(operand)); }
  void put_target(const Operand& operand) { put_address(bindings_.target(operand)); }
  // Six words, right-aligned; `padding` fills the outer dimensions that `dims` lacks.
  void put_dims(const Dims& dims, std::int64_t padding);
  void put_scalars(std::span<const std::uint32_t> scalars) {
    words_.insert(words_.end(), scalars.begin(), scalars.end());
  }

 private:
  void put_address(const Bindings::Address& address) {
    words_.push_back(address.slot);
    words_.push_back(address.offset);
  }

  const Bindings& bindings_;
  std::vector<std::uint32_t>& words_;
};

struct StepKernel {
  KernelSource source;
  // Appends the record of a member: as many words for every member of the step.
  std::function<void(const Member&, Record&)> write;
  // Work groups along x that give every part of the member one group of its own.
  std::function<std::int64_t(const Member&)> groups;
};

// What kernels must fit.
struct KernelLimits {
  std::int64_t shared_bytes;
};

// Empty if the step can run; otherwise why not.
std::string why_unsupported(const Step& step, const KernelLimits& limits);

// Only for steps that are supported, and only while `step` lives.
StepKernel make_kernel(const Step& step, const KernelLimits& limits);

// ---- kernels of structured ops: each file ops/NAME.cpp gives its own as NAME_kernels() ----

struct OpKernel {
  std::string_view op;
  StepKernel (*make)(const Step&, const KernelLimits&);
  // Empty if the kernel can run the step; otherwise why not and what to do. Null: it runs any.
  std::string (*why_not)(const Step&, const KernelLimits&) = nullptr;
  // Stores as Result says: an epilogue, and outputs of any layout. Otherwise dense floats alone.
  bool stores_through_result = false;
  bool epilogue = false, prologue = false;  // whether steps may be fused onto it (plan.h, Step)
};

// Generated from the files in ops/.
const std::vector<OpKernel>& op_kernels();

StepKernel make_elementwise(const Step& step);

// ---- shared by the families ----

// An index space and the operands that walk it, with as few dimensions as can be.
struct Walk {
  Shape shape;
  std::vector<Strides> strides;

  Walk(const Shape& full, std::span<const Operand> operands);
};

// The result of a structured kernel: where its words stand, and the epilogue if there is one. A
// result that is not dense floats counts as an epilogue that only stores.
class Result {
 public:
  // `fixed` words of the record come before what the epilogue adds.
  Result(const Step& step, int fixed);

  // Adds the generated parts: the epilogue, and `prologue`, whose text is given.
  void add_parts(KernelSource& source, const Expression* prologue = nullptr,
                 const std::string& prologue_text = "") const;

  // The first two words of a record, and those after the fixed ones.
  void write_first(const Member& member, Record& record) const;
  void write_last(const Member& member, Record& record) const;

 private:
  int scalars_at() const;
  // The operands that the epilogue walks: its extra inputs, then the output.
  std::vector<Operand> walked(const Member& member) const;

  Expression epilogue_;
  int op_inputs_;
  int fixed_;
  int rank_ = 0;
  std::vector<DType> inputs_, outputs_;
};

// Lanes of 256 that share a row of `columns` elements: a power of two.
std::int64_t lanes_for(std::int64_t columns);

inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace trine::vulkan
