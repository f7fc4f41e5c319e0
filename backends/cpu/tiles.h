// Interprets an expression over tiles of an index space: operands are gathered into registers of
// kTile floats where they are not contiguous already, each instruction is one vectorized loop, and
// results are stored or scattered.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/cpu/task.h"
#include "engine/expression.h"

namespace trine::cpu {

// An operand of an expression in memory, with strides over the index space.
struct TileOperand {
  float* base = nullptr;
  DType dtype = DType::f32;
  Strides strides;
};

class Tiles {
 public:
  // `domain`: the index space in the order in which run() counts elements.
  Tiles(const Kernels& kernels, const Expression& expression,
        std::span<const std::uint32_t> scalars, const Shape& domain,
        std::vector<TileOperand> inputs, std::vector<TileOperand> outputs);

  // Evaluates elements begin .. end - 1 and stores the outputs. `scratch` holds scratch() floats.
  void run(std::int64_t begin, std::int64_t end, const TaskContext& context) const;

  // Evaluates at most kTile elements and returns where the result lies instead of storing it: in
  // scratch, or in an operand's memory. For expressions with one output.
  const float* evaluate(std::int64_t begin, std::int64_t end, const TaskContext& context) const;

  std::int64_t scratch() const { return static_cast<std::int64_t>(slots_) * kTile; }

 private:
  enum class Access { dense, repeated, strided };

  struct Input {
    TileOperand operand;
    Access access;
    int slot;  // scratch tile; -1: read in place
  };
  struct Output {
    TileOperand operand;
    Access access;
    int reg;
  };
  struct Op {
    Instr instr;
    RowKernel kernel;
    std::uint32_t scalar;
    int slot;    // scratch tile, or tile of constants_ for a constant
    int direct;  // output that the instruction writes in place, or -1
  };

  void allocate_slots();
  void choose_direct_output();
  void fill_repeated(const TaskContext& context) const;
  void evaluate_tile(std::int64_t begin, std::int64_t n, const TaskContext& context,
                     const float** registers, bool storing) const;

  const Kernels& kernels_;
  Shape domain_;
  std::vector<Input> inputs_;
  std::vector<Op> ops_;
  std::vector<Output> outputs_;
  std::vector<float> constants_;  // a tile of each constant, by slot
  int slots_ = 0;
};

// Copies elements of a strided window in order to or from contiguous memory: `linear` is the number
// of the first element, counted row-major over `shape`.
void gather_elements(float* to, const float* base, const Shape& shape, const Strides& strides,
                     std::int64_t linear, std::int64_t n);
void scatter_elements(float* base, const float* from, const Shape& shape, const Strides& strides,
                      std::int64_t linear, std::int64_t n);

}  // namespace trine::cpu
