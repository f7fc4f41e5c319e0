// How ops become ONNX operators: a rule an op. Elementwise ops share one, which translates the
// expressions of their rows, so that a new row needs nothing here.
#pragma once

#include "engine/onnx/graph_writer.h"
#include "engine/onnx/place.h"

namespace trine::onnx {

// Appends operations that compute the node's outputs and returns these. An output may be left in a
// smaller shape that broadcasts to the node's (place.h). Those that only gradients read are missing
// from the end.
using Rule = Operands (*)(GraphWriter& to, const Place& at);

// Nullptr for an op that no model can hold: one that draws, writes a state, or serves gradients.
Rule find_rule(const OpDef& op);

// A structured op or a view and its rule. Each file ops/NAME.cpp gives its own as NAME_rules().
struct OpRule {
  std::string_view op;
  Rule rule;
};

// Generated from the files in ops/.
const std::vector<OpRule>& op_rules();

Operands elementwise(GraphWriter& to, const Place& at);

}  // namespace trine::onnx
