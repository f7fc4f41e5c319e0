#include "engine/plan.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/layout.h"
#include "engine/ops/elementwise.h"

namespace trine {

bool is_dense(const Operand& operand) { return is_dense(operand.type.shape, operand.strides); }

std::span<const Step> Plan::wave(int index) const {
  const auto first = std::lower_bound(steps.begin(), steps.end(), index,
                                      [](const Step& s, int w) { return s.wave < w; });
  const auto last =
      std::upper_bound(first, steps.end(), index, [](int w, const Step& s) { return w < s.wave; });
  return {first, last};
}

std::int64_t Plan::workspace_bytes() const {
  std::int64_t bytes = 0;
  for (const Buffer& buffer : buffers)
    if (buffer.kind == BufferKind::workspace) bytes += buffer.bytes;
  return bytes;
}

namespace {

double elements(const Operand& operand) { return static_cast<double>(count(operand.type.shape)); }

double structured_flops(const Step& step, const Member& member) {
  const double in = elements(member.inputs[0]);
  const std::string_view name = step.op->name;
  if (name == "matmul") {
    const Shape& b = member.inputs[1].type.shape;
    return 2.0 * in * static_cast<double>(b.back());
  }
  if (name == "attention" || name == "attention_grad") {
    const double scores = in * static_cast<double>(member.inputs[1].type.shape[1]);
    return (name == "attention" ? 4.0 : 10.0) * scores;
  }
  return in;
}

}  // namespace

double count_flops(const Step& step) {
  double total = 0;
  for (const Member& member : step.members) {
    if (step.op) total += structured_flops(step, member);
    total += static_cast<double>(step.body.instrs.size()) * elements(member.outputs[0]);
  }
  return total;
}

double count_flops(const Plan& plan) {
  double total = 0;
  for (const Step& step : plan.steps) total += count_flops(step);
  return total;
}

std::string kernel_name(const Step& step) {
  std::string name = step.op ? std::string(step.op->name) : "";
  auto append = [&](std::string_view part) {
    if (!name.empty()) name += '+';
    name += part;
  };
  for (const Instr& instr : step.body.instrs) {
    if (instr.kind == InstrKind::random) append("random");
    if (instr.kind == InstrKind::apply) append(instr.fn->name);
  }
  if (name.empty()) name = step.body.is_copy() ? "copy" : "fill";
  return name;
}

namespace {

std::string shape_text(const Operand& operand) {
  std::string text = "[";
  for (std::int64_t extent : operand.type.shape)
    text += fmt::format("{}{}", text.size() > 1 ? "," : "", extent);
  return text + "]";
}

std::string place_text(const Plan& plan, const Operand& operand) {
  const Buffer& buffer = plan.buffers[static_cast<std::size_t>(operand.buffer)];
  const std::string base = buffer.kind == BufferKind::value
                               ? fmt::format("%{}:{}", operand.buffer, buffer.name)
                               : buffer.name;
  const std::string offset =
      operand.offset ? fmt::format("+0x{:x}", operand.offset * size_of(operand.type.dtype)) : "";
  return base + offset + shape_text(operand) + (is_dense(operand) ? "" : "'");
}

std::string step_text(const Plan& plan, const Step& step) {
  const Member& first = step.members.front();
  std::string members =
      step.members.size() > 1 ? fmt::format("  x{} members", step.members.size()) : "";
  std::string text = fmt::format("{}{}", kernel_name(step), members);
  for (const Operand& operand : first.inputs) text += "  " + place_text(plan, operand);
  text += "  ->";
  for (const Operand& operand : first.outputs) text += "  " + place_text(plan, operand);
  if (!first.attrs.empty()) text += "  {" + to_string(first.attrs) + "}";
  if (!step.scope.empty()) text += "  # " + step.scope;
  return text;
}

}  // namespace

std::string to_string(const Plan& plan) {
  constexpr double kMiB = 1024.0 * 1024.0;
  std::string text = fmt::format(
      "program {}    {} nodes -> {} launches in {} waves    arena {:.1f} MiB  (unplanned {:.1f})   "
      " "
      "{:.2f} GFLOP\n",
      plan.name, plan.nodes, plan.steps.size(), plan.waves,
      static_cast<double>(plan.workspace_bytes()) / kMiB,
      static_cast<double>(plan.unplanned_bytes) / kMiB, count_flops(plan) * 1e-9);
  for (const Step& step : plan.steps)
    text += fmt::format("wave {:3d}  {}\n", step.wave, step_text(plan, step));
  for (const Feed& feed : plan.feeds)
    text += fmt::format("feed {}  {}\n", feed.name, place_text(plan, feed.operand));
  for (const Fetch& f : plan.fetches)
    text += fmt::format("fetch {}  {}\n", f.name, place_text(plan, f.operand));
  return text;
}

}  // namespace trine
