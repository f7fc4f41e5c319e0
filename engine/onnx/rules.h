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

Operands elementwise(GraphWriter& to, const Place& at);

// views.cpp
Operands broadcast_to(GraphWriter& to, const Place& at);
Operands reshape(GraphWriter& to, const Place& at);
Operands permute(GraphWriter& to, const Place& at);
Operands slice(GraphWriter& to, const Place& at);
Operands split(GraphWriter& to, const Place& at);
Operands windows(GraphWriter& to, const Place& at);

// movement.cpp
Operands concat(GraphWriter& to, const Place& at);
Operands spread(GraphWriter& to, const Place& at);
Operands gather(GraphWriter& to, const Place& at);
Operands scatter_add(GraphWriter& to, const Place& at);

// sums.cpp
Operands matmul(GraphWriter& to, const Place& at);
Operands reduce_sum(GraphWriter& to, const Place& at);
Operands reduce_max(GraphWriter& to, const Place& at);
Operands layer_norm(GraphWriter& to, const Place& at);

// attention.cpp
Operands softmax(GraphWriter& to, const Place& at);
Operands log_softmax(GraphWriter& to, const Place& at);
Operands attention(GraphWriter& to, const Place& at);

}  // namespace trine::onnx
