// What layers are captured with: the graph they add to, the store of their parameters, and whether
// the program trains (dropout draws) or evaluates.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph.h"
#include "engine/nn/parameters.h"

namespace trine::nn {

enum class Mode { training, evaluation };

class Capture {
 public:
  // Both must outlive the capture.
  Capture(Graph& graph, ParameterStore& store, Mode mode)
      : graph_(graph), store_(store), mode_(mode) {}
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  Graph& graph() { return graph_; }
  ParameterStore& store() { return store_; }
  bool training() const { return mode_ == Mode::training; }

  // The parameter called by the current scope's path and `name`, joined with a dot. A parameter
  // that several layers share is one value of the graph, so its gradients add up.
  Tensor parameter(std::string_view name, const Shape& shape, Init init);

  // x with dropout in training, x itself in evaluation.
  Tensor dropout(Tensor x, double rate);
  // A dropout rate as ops take it: 0 in evaluation.
  double rate(double in_training) const { return training() ? in_training : 0.0; }

  // The sinusoids of `positions.h`, one literal of a graph for each shape.
  Tensor sinusoids(std::int64_t steps, std::int64_t width);

  struct Use {
    const Parameter* parameter;
    Tensor value;
  };
  // Every parameter declared through this capture, in order.
  const std::vector<Use>& uses() const { return uses_; }

 private:
  Graph& graph_;
  ParameterStore& store_;
  Mode mode_;
  std::vector<Use> uses_;
  std::map<const Parameter*, Tensor> values_;
  std::map<std::pair<std::int64_t, std::int64_t>, Tensor> sinusoids_;
};

}  // namespace trine::nn
