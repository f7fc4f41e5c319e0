// The plan: what a backend gets. Buffers, and waves of steps; each step is one kernel launch over a
// table of members. Passes transform plans; after the memory pass every operand lies in a placed
// buffer and a backend may record.
//
// docs/plan.md explains how to read a printed plan.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/attrs.h"
#include "engine/expression.h"
#include "engine/op.h"
#include "engine/shape.h"

namespace trine {

enum class BufferKind : std::uint8_t {
  value,      // one value of the graph, not yet placed; none remain after the memory pass
  workspace,  // the program's arena for intermediate values
  state,      // lives outside the program: parameters, gradients, moments; shared by programs
  input,      // uploaded by the caller before a run, when it changed
  literal,    // constants of the graph, uploaded once
  step,       // RunParams, uploaded at each run
};

struct Buffer {
  BufferKind kind = BufferKind::value;
  std::string name;
  std::int64_t bytes = 0;
};

// A strided window into a buffer. Offset and strides count elements of `type.dtype`.
struct Operand {
  int buffer = -1;
  std::int64_t offset = 0;  // elements from the start of the buffer
  Type type;
  Strides strides;

  friend bool operator==(const Operand&, const Operand&) = default;
};

bool is_dense(const Operand& operand);

// One row of a launch's member table: the operands and scalars that tell members apart.
struct Member {
  Attrs attrs;                  // of the structured op
  std::vector<Operand> inputs;  // the op's inputs, then those of the epilogue
  std::vector<Operand> outputs;
  std::vector<std::uint32_t> scalars;  // of the expression, by slot
};

// One launch.
//
// Elementwise (`op` null): `body` is the whole computation over the index space of the outputs.
// Structured: the op's kernel, then the epilogue `body` if it is not empty: register 0 is the op's
// result at the current element, registers 1.. are the inputs from `op_inputs` on, all over the
// shape of the outputs, which has as many elements as the op's result in the same order. What the
// epilogue stores, one operand or several, replaces the result. Only where Fusion::epilogues has
// the op. Reductions may have a `prologue` besides: the reduced operand is its value over the
// `op_inputs` inputs, which all have the shape of the index space that is reduced. Only where
// Fusion::prologues has the op; it draws no random numbers.
// Scalar slots of both expressions index Member::scalars.
struct Step {
  const OpDef* op = nullptr;
  Expression prologue;
  Expression body;
  std::vector<Member> members;
  int op_inputs = 0;  // how many of Member::inputs belong to the structured op or the prologue
  int wave = 0;
  std::string scope;  // of the first member, for errors and profiles
};

// A value that the caller reads after a run.
struct Fetch {
  std::string name;
  Operand operand;
};

// A value that the caller writes before a run.
struct Feed {
  std::string name;
  Operand operand;
};

struct Literal {
  Operand operand;
  LiteralData values;
};

struct Plan {
  std::string name;
  std::vector<Buffer> buffers;
  std::vector<Step> steps;  // in an order that respects dependencies; sorted by wave after schedule
  int waves = 0;            // 0 until scheduled
  std::vector<Feed> feeds;
  std::vector<Fetch> fetches;
  std::vector<Literal> literals;     // content of the literal buffer
  std::int64_t unplanned_bytes = 0;  // workspace without reuse, for the report
  int nodes = 0;                     // of the graph it came from

  // Steps of one wave; they are independent of each other.
  std::span<const Step> wave(int index) const;
  std::int64_t workspace_bytes() const;
};

// Multiply-adds counted twice, transcendental functions once.
double count_flops(const Step& step);
double count_flops(const Plan& plan);

// The printed form, a line a launch.
std::string to_string(const Plan& plan);

// "matmul", "mul+add+relu", "matmul+bias..." : a short name for one launch.
std::string kernel_name(const Step& step);

}  // namespace trine
