// Graphs whose fused plan is one launch with an expression: an elementwise chain, a product with an
// epilogue, a reduction with both ends.
#pragma once

#include <ostream>

#include "engine/graph.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matmul.h"
#include "engine/ops/random.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"

namespace trine::cuda {

struct Example {
  const char* label;
  void (*capture)(Graph&);  // fetches "y"
};

inline void PrintTo(const Example& example, std::ostream* out) { *out << example.label; }

inline Tensor matrix(Graph& graph, std::string name, Shape shape) {
  return input(graph, std::move(name), {DType::f32, shape});
}

inline constexpr Example kChain{"elementwise chain", [](Graph& graph) {
                                  const Tensor x = matrix(graph, "x", {5, 700});
                                  graph.fetch("y", tanh(dropout(x * 2.0f + 1.0f, 0.25)));
                                }};

inline constexpr Example kProduct{
    "matrix product with epilogue", [](Graph& graph) {
      const Tensor product = matmul(matrix(graph, "a", {40, 30}), matrix(graph, "b", {30, 20}));
      graph.fetch("y", relu(product + matrix(graph, "bias", {20})));
    }};

inline constexpr Example kReduction{"reduction with prologue and epilogue", [](Graph& graph) {
                                      const Tensor x = matrix(graph, "x", {9, 700});
                                      graph.fetch("y", sqrt(sum(square(x - 1.0f), {1}) * 0.5f));
                                    }};

inline constexpr Example kExamples[] = {kChain, kProduct, kReduction};

}  // namespace trine::cuda
