#include "engine/onnx/rules.h"

#include <algorithm>
#include <array>

namespace trine::onnx {
namespace {

struct Row {
  std::string_view op;
  Rule rule;
};

constexpr std::array kRows{
    Row{"broadcast_to", broadcast_to},
    Row{"reshape", reshape},
    Row{"permute", permute},
    Row{"slice", slice},
    Row{"split", split},
    Row{"windows", windows},
    Row{"concat", concat},
    Row{"spread", spread},
    Row{"gather", gather},
    Row{"scatter_add", scatter_add},
    Row{"matmul", matmul},
    Row{"reduce_sum", reduce_sum},
    Row{"reduce_max", reduce_max},
    Row{"layer_norm", layer_norm},
    Row{"softmax", softmax},
    Row{"log_softmax", log_softmax},
    Row{"attention", attention},
};

}  // namespace

Rule find_rule(const OpDef& op) {
  if (op.kind == OpKind::elementwise && op.pure) return elementwise;
  const auto row = std::ranges::find(kRows, op.name, &Row::op);
  return row == kRows.end() ? nullptr : row->rule;
}

}  // namespace trine::onnx
