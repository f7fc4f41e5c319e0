#include "engine/onnx/rules.h"

#include <algorithm>

namespace trine::onnx {

Rule find_rule(const OpDef& op) {
  if (op.kind == OpKind::elementwise && op.pure) return elementwise;
  const auto found = std::ranges::find(op_rules(), op.name, &OpRule::op);
  return found == op_rules().end() ? nullptr : found->rule;
}

}  // namespace trine::onnx
