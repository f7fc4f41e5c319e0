// From a captured program to an ONNX model that computes the same.
//
// The program is simplified, every state that it reads becomes an initializer with a parameter's
// name and values, and each op is translated by its rule (rules.h). What only other fetches need is
// left out, inputs too.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/nn/parameters.h"
#include "engine/onnx/model.h"

namespace trine::onnx {

// Appends the program for a batch size to an empty graph.
using CaptureProgram = std::function<void(Graph&, std::int64_t batch)>;

// A fetch of the program and what the model calls it.
struct Output {
  std::string fetch, name, meaning;
};

// The arena nn::kParameters in the layout of `store`. Both must outlive the model.
struct Weights {
  const nn::ParameterStore& store;
  std::span<const float> arena;
};

// Inputs are called as at capture. Without `batch` the model takes any batch size, under the name
// "batch". Throws Error, with the op and its place, for an op without a rule, and for a program
// whose sizes do not follow the batch on a straight line.
Model export_program(const CaptureProgram& capture, std::optional<std::int64_t> batch,
                     std::span<const Output> outputs, const Weights& weights);

}  // namespace trine::onnx
