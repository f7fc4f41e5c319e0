#include "backends/cuda/generated_source.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "backends/codegen/expression_printer.h"

namespace trine::cuda {
namespace {

bool reads_scalars(const Expression& expression) {
  return std::any_of(expression.instrs.begin(), expression.instrs.end(),
                     [](const Instr& i) { return i.kind == InstrKind::constant; });
}

// A type with the run(access) that kernels call, see cuda/expression.cuh.
std::string type_text(std::string_view name, const Expression& expression) {
  std::string text = fmt::format(
      "struct {0} {{\n"
      "  TRINE_DEVICE {0}(const LaunchArgs&, const Code&) {{}}\n"
      "  template <class Access>\n"
      "  TRINE_DEVICE void run(Access& at) const {{\n",
      name);
  if (reads_scalars(expression))
    text += "    const auto scalar_float = [&](int slot) { return at.scalar(slot); };\n";
  if (draws_random(expression))
    text += "    const auto random_draw = [&](int slot) { return at.draw(slot); };\n";
  for (int k = 0; k < expression.inputs; ++k)
    text += fmt::format("    const float r{0} = at.load({0});\n", k);
  text += print_instructions(expression, "    ");
  for (std::size_t k = 0; k < expression.outputs.size(); ++k)
    text += fmt::format("    at.store({}, r{});\n", k, expression.outputs[k]);
  return text + "  }\n};\n";
}

}  // namespace

GeneratedSource generate_source(const Launch& launch) {
  std::vector<const Expression*> expressions;
  if (launch.prologue) expressions.push_back(launch.prologue);
  expressions.push_back(launch.body);
  std::string text =
      fmt::format("#include \"cuda/{}.cu\"\n\nnamespace trine::cuda {{\n", launch.file);
  text += print_row_functions(expressions, {.function_prefix = "TRINE_DEVICE "});
  if (launch.prologue) text += type_text("GeneratedPrologue", *launch.prologue);
  text += type_text("GeneratedBody", *launch.body);
  text += "}  // namespace trine::cuda\n";
  return {std::move(text),
          fmt::format("{}<trine::cuda::{}, trine::cuda::GeneratedBody>", launch.kernel,
                      launch.prologue ? "GeneratedPrologue" : "Identity")};
}

}  // namespace trine::cuda
