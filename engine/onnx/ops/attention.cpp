// The rules of attention and of the softmax functions, which are one idea: masked rows.
#include <limits>

#include "engine/error.h"
#include "engine/onnx/rules.h"

namespace trine::onnx {
namespace {

// What takes part in a row: a boolean that broadcasts to the scores, or nothing where all does.
struct Visible {
  std::string mask;
  bool may_be_none = false;  // rows that see nothing, whose weights are to be zeros
};

Visible causal(GraphWriter& to, const Place& at, const Extent& rows, const Extent& columns) {
  if (!at.attrs().has("causal_offset")) return {};
  const std::int64_t offset = at.integer("causal_offset");
  return {to.causal_mask(at.fixed(rows), at.fixed(columns), offset), offset < 0};
}

// The lowest number stands for -infinity, of which a row without any other would make NaN.
std::string masked_softmax(GraphWriter& to, std::string scores, const Visible& visible) {
  const bool masked = !visible.mask.empty();
  if (masked)
    scores =
        to.add("Where", {visible.mask, scores, to.scalar(std::numeric_limits<float>::lowest())});
  const std::string weights = to.add("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
  if (!visible.may_be_none) return weights;
  return to.add("Where", {visible.mask, weights, to.scalar(0.0f)});
}

// Both masks; `keys` is (B, N_k), 0 where a key is padding.
Visible with_key_mask(GraphWriter& to, const Visible& causal, const std::string& keys) {
  const std::string padding = to.add("Equal", {keys, to.scalar(0.0f)});
  std::string mask =
      to.add("Unsqueeze", {to.add("Not", {padding}), to.whole_numbers({1, 2})});  // (B, 1, 1, N_k)
  if (!causal.mask.empty()) mask = to.add("And", {mask, causal.mask});
  return {mask, /*may_be_none=*/true};
}

Operands softmax(GraphWriter& to, const Place& at) {
  const Operand x = at.full(0);
  const std::size_t rank = x.shape.size();
  const Extent rows = rank > 1 ? x.shape[rank - 2] : Extent{1};
  return {{masked_softmax(to, x.name, causal(to, at, rows, x.shape.back())), x.shape}};
}

Operands log_softmax(GraphWriter& to, const Place& at) {
  const Operand x = at.full(0);
  return {{to.add("LogSoftmax", {x.name}, {{"axis", std::int64_t{-1}}}), x.shape}};
}

Operands attention(GraphWriter& to, const Place& at) {
  if (at.attrs().real("rate") > 0)
    fail(
        "ONNX: {} drops weights at random, and models do not draw: export what evaluation computes",
        at.name());
  // (B, N, H, w) to matrices of each head: (B, H, N, w), and (B, H, w, N) of the keys.
  const Operand q = to.transposed(at.full(0), {0, 2, 1, 3});
  const Operand k = to.transposed(at.full(1), {0, 2, 3, 1});
  const Operand v = to.transposed(at.full(2), {0, 2, 1, 3});
  const auto scale = static_cast<float>(at.attrs().real("scale"));
  const std::string scores = to.add("MatMul", {to.add("Mul", {q.name, to.scalar(scale)}), k.name});
  Visible visible = causal(to, at, q.shape[2], k.shape[3]);
  if (at.integer("masked")) visible = with_key_mask(to, visible, at.full(3).name);
  const std::string mixed = to.add("MatMul", {masked_softmax(to, scores, visible), v.name});
  return {to.transposed({mixed, q.shape}, {0, 2, 1, 3})};
}

}  // namespace

std::vector<OpRule> attention_rules() {
  return {{"softmax", softmax}, {"log_softmax", log_softmax}, {"attention", attention}};
}

}  // namespace trine::onnx
