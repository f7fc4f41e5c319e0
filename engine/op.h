// The one definition of an operation: types, gradient, double-precision reference and sample
// inputs stand together. Everything else in the engine asks the definition.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/attrs.h"
#include "engine/expression.h"
#include "engine/host_tensor.h"
#include "engine/layout.h"
#include "engine/run_params.h"
#include "engine/tensor.h"

namespace trine {

struct Node;

enum class OpKind {
  source,       // input, state, literal: bound to a buffer, computes nothing
  view,         // another layout of its input: moves no data
  elementwise,  // an expression over one index space
  structured,   // a kernel of its own on each backend
  effect,       // assign: writes a state when the program runs
};

// What a gradient rule sees. `cotangents` holds one handle for each output, empty where the loss
// does not depend on that output.
struct Vjp {
  Graph& graph;
  const Attrs& attrs;
  Tensors inputs;
  Tensors outputs;
  Tensors cotangents;
};

// One input of a sample: floats uniform in [low, high), integers uniform in {low, ..., high - 1}.
struct SampleInput {
  Type type;
  double low = -2.0, high = 2.0;
};

// A small program that exercises an op. Conformance and gradient tests are generated from these.
struct Sample {
  std::string label;
  std::vector<SampleInput> inputs;
  std::function<Tensors(Graph&, const Tensors&)> build;
  // Length of the longest sum behind one output element: tolerances grow with it.
  std::int64_t reduction_length = 1;
};

struct OpDef {
  std::string_view name;
  OpKind kind = OpKind::structured;

  // Types of the outputs; throws Error beginning with the op's name when the inputs do not fit.
  std::vector<Type> (*infer)(const Attrs&, std::span<const Type> inputs) = nullptr;

  // Cotangents of the inputs, emitted as ops; empty handles where there is none. Null where the op
  // has no gradient at all.
  Tensors (*vjp)(const Vjp&) = nullptr;

  // Plain loops in double over dense row-major values. Null for sources, views and effects.
  void (*reference)(const Attrs&, const RunParams&, std::span<const HostTensor> inputs,
                    std::span<HostTensor> outputs) = nullptr;

  std::vector<Sample> (*samples)() = nullptr;

  // Views: where the input lies to where output `index` lies; nothing if no strides express it.
  std::optional<Layout> (*view)(const Attrs&, const Layout& input, const Type& output,
                                int index) = nullptr;

  // Elementwise: appends the op's instructions, given the registers of its inputs, and returns the
  // register of the result.
  int (*express)(const Attrs&, ExpressionBuilder&, std::span<const int> inputs) = nullptr;

  // Structured: whether kernels take this layout of input `index` as it comes; a copy is made
  // where they do not. Null: dense only.
  bool (*accepts)(const Attrs&, int index, const Shape&, const Strides&) = nullptr;

  // Structured: attributes in which the members of one batched launch may differ.
  std::vector<std::string_view> member_attrs;

  // Moves elements or draws bits: every backend gives exactly the same values.
  bool exact = false;

  // Sources of state, effects and random draws must not be merged or folded.
  bool pure = true;
};

// Every op of the engine, in a fixed order.
const std::vector<const OpDef*>& all_ops();

// Throws Error if there is none of this name.
const OpDef& find_op(std::string_view name);

}  // namespace trine
