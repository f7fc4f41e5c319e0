// The rules of attention and of the softmax functions, which are one idea: masked rows.
#include <limits>

#include "engine/error.h"
#include "engine/onnx/rules.h"

namespace trine::onnx {
namespace {

// What takes part in a row: the name of a boolean that broadcasts to the scores; none where all
// does.
using Mask = std::string;

Mask causal(GraphWriter& to, const Place& at, const Extent& rows, const Extent& columns) {
  if (!at.attrs().has("causal_offset")) return {};
  return to.causal_mask(at.fixed(rows), at.fixed(columns), at.integer("causal_offset"));
}

// Hidden scores are -infinity. A row of nothing else becomes NaN, which is right of what it sees;
// what it does not see is 0.
std::string masked_softmax(GraphWriter& to, std::string scores, const Mask& mask) {
  if (!mask.empty())
    scores = to.add("Where", {mask, scores, to.scalar(-std::numeric_limits<float>::infinity())});
  const std::string weights = to.add("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
  return mask.empty() ? weights : to.add("Where", {mask, weights, to.scalar(0.0f)});
}

// Both masks; `keys` is (B, N_k), 0 where a key is padding.
Mask with_key_mask(GraphWriter& to, const Mask& causal, const std::string& keys) {
  const std::string padding = to.add("Equal", {keys, to.scalar(0.0f)});
  const Mask mask =
      to.add("Unsqueeze", {to.add("Not", {padding}), to.whole_numbers({1, 2})});  // (B, 1, 1, N_k)
  return causal.empty() ? mask : to.add("And", {mask, causal});
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
  Mask mask = causal(to, at, q.shape[2], k.shape[3]);
  if (at.integer("masked")) mask = with_key_mask(to, mask, at.full(3).name);
  const std::string mixed = to.add("MatMul", {masked_softmax(to, scores, mask), v.name});
  return {to.transposed({mixed, q.shape}, {0, 2, 1, 3})};
}

}  // namespace

std::vector<OpRule> attention_rules() {
  return {{"softmax", softmax}, {"log_softmax", log_softmax}, {"attention", attention}};
}

}  // namespace trine::onnx
