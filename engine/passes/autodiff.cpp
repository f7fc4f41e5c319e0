#include "engine/passes/autodiff.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/ops/elementwise.h"

namespace trine {
namespace {

// Comparisons, steps and stop_gradient: their gradient is zero everywhere, not missing.
bool is_flat(const OpDef& op) {
  return !op.vjp && (op.kind == OpKind::elementwise || op.kind == OpKind::view);
}

// Nodes that depend, with a slope, on one of the values that gradients are wanted for.
std::vector<bool> dependents(const Graph& graph, std::span<const Tensor> wrt) {
  std::vector<bool> depends(graph.nodes().size(), false);
  for (const Tensor& target : wrt) depends[static_cast<std::size_t>(target.node())] = true;
  for (std::size_t i = 0; i < depends.size(); ++i) {
    if (is_flat(*graph.nodes()[i].op)) continue;
    for (const Value& input : graph.nodes()[i].inputs)
      if (depends[static_cast<std::size_t>(input.node)]) depends[i] = true;
  }
  return depends;
}

class Reverse {
 public:
  Reverse(Graph& graph, std::span<const Tensor> wrt)
      : graph_(graph), depends_(dependents(graph, wrt)), cotangents_(depends_.size()) {}

  void add(Value value, Tensor cotangent) {
    if (!cotangent || !depends_[static_cast<std::size_t>(value.node)]) return;
    if (graph_.type(value) != cotangent.type())
      fail("autodiff: the gradient rule of a user of {} gave {} for a value of {}",
           graph_.node(value.node).op->name, to_string(cotangent.type()),
           to_string(graph_.type(value)));
    Tensor& total = at(value);
    total = total ? total + cotangent : cotangent;
  }

  Tensor of(Tensor value) {
    return value.node() < static_cast<int>(cotangents_.size()) ? at({value.node(), value.output()})
                                                               : Tensor{};
  }

  void run() {
    for (int i = static_cast<int>(cotangents_.size()) - 1; i >= 0; --i) visit(i);
  }

 private:
  Tensor& at(Value value) {
    Tensors& outputs = cotangents_[static_cast<std::size_t>(value.node)];
    outputs.resize(graph_.node(value.node).outputs.size());
    return outputs[static_cast<std::size_t>(value.output)];
  }

  void visit(int index) {
    const Tensors& given = cotangents_[static_cast<std::size_t>(index)];
    const bool reached =
        std::any_of(given.begin(), given.end(), [](const Tensor& t) { return bool(t); });
    const Node node = graph_.node(index);  // a copy: the graph grows below
    if (!reached || node.inputs.empty()) return;
    if (!node.op->vjp) {
      if (!needed(node)) return;
      fail("autodiff: {} has no gradient rule, and the loss depends on a parameter through it",
           node.op->name);
    }
    const ScopeOf scope(graph_, node.scope);
    Vjp vjp{graph_, node.attrs, {}, {}, given};
    for (const Value& input : node.inputs) vjp.inputs.push_back(graph_.tensor(input));
    for (int k = 0; k < static_cast<int>(node.outputs.size()); ++k)
      vjp.outputs.emplace_back(&graph_, index, k);
    const Tensors results = node.op->vjp(vjp);
    for (std::size_t k = 0; k < node.inputs.size(); ++k) add(node.inputs[k], results[k]);
  }

  bool needed(const Node& node) const {
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](const Value& input) {
      return depends_[static_cast<std::size_t>(input.node)];
    });
  }

  Graph& graph_;
  std::vector<bool> depends_;
  std::vector<Tensors> cotangents_;
};

}  // namespace

Tensors vector_jacobian(const Tensors& outputs, const Tensors& cotangents,
                        std::span<const Tensor> wrt) {
  if (outputs.empty() || outputs.size() != cotangents.size())
    fail("vector_jacobian: {} outputs need as many cotangents, not {}", outputs.size(),
         cotangents.size());
  Reverse reverse(outputs[0].graph(), wrt);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    reverse.add({outputs[i].node(), outputs[i].output()}, cotangents[i]);
  reverse.run();
  Tensors results;
  for (const Tensor& target : wrt) results.push_back(reverse.of(target));
  return results;
}

Tensors gradients(Tensor loss, std::span<const Tensor> wrt) {
  if (count(loss.shape()) != 1)
    fail("gradients: the loss has shape {}; reduce it to one number first",
         to_string(loss.shape()));
  return vector_jacobian({loss}, {fill(loss.graph(), loss.shape(), 1.0f)}, wrt);
}

}  // namespace trine
