#include "engine/passes/plan_passes.h"

#include <algorithm>
#include <iterator>

namespace trine {
namespace {

bool is_member_attr(const OpDef& op, std::string_view name) {
  return std::find(op.member_attrs.begin(), op.member_attrs.end(), name) != op.member_attrs.end();
}

// Equal up to the attributes in which members may differ. Whether such an attribute is there at
// all (a causal mask, say) changes the kernel and must agree.
bool attrs_agree(const OpDef& op, const Attrs& a, const Attrs& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return x.first == y.first && (x.second == y.second || is_member_attr(op, x.first));
  });
}

bool types_agree(const std::vector<Operand>& a, const std::vector<Operand>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Operand& x, const Operand& y) {
    return x.type.dtype == y.type.dtype;
  });
}

bool same_kernel(const Step& a, const Step& b) {
  const Member &x = a.members.front(), &y = b.members.front();
  return a.op == b.op && a.op_inputs == b.op_inputs && a.prologue == b.prologue &&
         a.body == b.body && types_agree(x.inputs, y.inputs) && types_agree(x.outputs, y.outputs) &&
         (!a.op || attrs_agree(*a.op, x.attrs, y.attrs));
}

}  // namespace

void batch(Plan& plan) {
  std::vector<Step> merged;
  std::size_t wave_begin = 0;
  for (Step& step : plan.steps) {
    if (!merged.empty() && merged.back().wave != step.wave) wave_begin = merged.size();
    const auto found =
        std::find_if(merged.begin() + static_cast<std::ptrdiff_t>(wave_begin), merged.end(),
                     [&](const Step& s) { return same_kernel(s, step); });
    if (found == merged.end())
      merged.push_back(std::move(step));
    else
      std::move(step.members.begin(), step.members.end(), std::back_inserter(found->members));
  }
  plan.steps = std::move(merged);
}

}  // namespace trine
