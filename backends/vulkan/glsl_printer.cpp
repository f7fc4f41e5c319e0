#include "backends/vulkan/glsl_printer.h"

#include <fmt/format.h>

#include "backends/codegen/expression_printer.h"

namespace trine::vulkan {
namespace {

constexpr int kDims = 6;
constexpr int kOperandWords = 8, kReducedOperandWords = 14;

// Declares PREFIX0 .. PREFIX5 for the last `rank` dimensions: the coordinates of `index` in
// row-major order.
std::string coordinates(std::string_view index, std::string_view prefix, int rank, int extents) {
  if (rank == 0) return "";
  std::string text;
  std::string rest(index);
  for (int d = kDims - 1; d > kDims - rank; --d) {
    text += fmt::format("  const uint {0}{1} = {2} % field({3}), {0}_rest{1} = {2} / field({3});\n",
                        prefix, d, rest, extents + d);
    rest = fmt::format("{}_rest{}", prefix, d);
  }
  return text + fmt::format("  const uint {}{} = {};\n", prefix, kDims - rank, rest);
}

// "i4 * field(40) + i5 * field(41)"; "0" for rank 0.
std::string offset(std::string_view prefix, int rank, int strides) {
  std::string text;
  for (int d = kDims - rank; d < kDims; ++d)
    text += fmt::format("{}{}{} * field({})", text.empty() ? "" : " + ", prefix, d, strides + d);
  return text.empty() ? "0" : text;
}

std::string load(DType type, int operand, std::string_view at) {
  return type == DType::f32 ? fmt::format("load_float(operand({}), {})", operand, at)
                            : fmt::format("float(int(load_word(operand({}), {})))", operand, at);
}

std::string store(DType type, int operand, std::string_view at, std::string_view value) {
  return type == DType::f32
             ? fmt::format("store_float(operand({}), {}, {})", operand, at, value)
             : fmt::format("store_word(operand({}), {}, uint(int({})))", operand, at, value);
}

// Words that move unchanged, whatever they mean.
std::string word_copy(const SpaceText& space) {
  const int from = space.operands, to = space.operands + kOperandWords;
  return fmt::format("  store_word(operand({}), {}, load_word(operand({}), {}));\n", to,
                     offset("i", space.rank, to + 2), from, offset("i", space.rank, from + 2));
}

}  // namespace

std::string print_support(std::span<const Expression* const> expressions, int scalars) {
  std::string text = "#include \"math.glsl\"\n#include \"philox.glsl\"\n";
  text += fmt::format(
      "#define scalar_float(slot) float_field({0} + slot)\n"
      "#define random_draw(slot) random_uniform(field({0} + slot), element)\n",
      scalars);
  return text + print_row_functions(expressions, {.function_prefix = ""});
}

std::string print_store(std::string_view name, const Expression& expression, int given,
                        const SpaceText& space, std::span<const DType> inputs,
                        std::span<const DType> outputs) {
  std::string text = fmt::format("void {}(uint element{}) {{\n", name, given ? ", float r0" : "");
  text += coordinates("element", "i", space.rank, space.extents);
  if (given == 0 && expression.is_copy() && inputs[0] == outputs[0])
    return text + word_copy(space) + "}\n";
  int operand = space.operands;
  for (std::size_t k = 0; k < inputs.size(); ++k, operand += kOperandWords)
    text += fmt::format("  const float r{} = {};\n", static_cast<int>(k) + given,
                        load(inputs[k], operand, offset("i", space.rank, operand + 2)));
  text += print_instructions(expression, "  ");
  for (std::size_t k = 0; k < outputs.size(); ++k, operand += kOperandWords)
    text += fmt::format("  {};\n", store(outputs[k], operand, offset("i", space.rank, operand + 2),
                                         fmt::format("r{}", expression.outputs[k])));
  return text + "}\n";
}

std::string print_element(const Expression& expression, const ReducedText& spaces,
                          std::span<const DType> inputs) {
  std::string text = "float element_at(uint result, uint reduced) {\n";
  text += coordinates("result", "k", spaces.kept_rank, spaces.kept_extents);
  text += coordinates("reduced", "i", spaces.reduced_rank, spaces.reduced_extents);
  auto place = [&](int operand) {
    return offset("k", spaces.kept_rank, operand + 2) + " + " +
           offset("i", spaces.reduced_rank, operand + 2 + kDims);
  };
  int operand = spaces.operands;
  for (std::size_t k = 0; k < inputs.size(); ++k, operand += kReducedOperandWords)
    text += fmt::format("  const float r{} = {};\n", k, load(inputs[k], operand, place(operand)));
  if (draws_random(expression)) text += fmt::format("  const uint element = {};\n", place(operand));
  text += print_instructions(expression, "  ");
  return text + fmt::format("  return r{};\n}}\n", expression.outputs[0]);
}

}  // namespace trine::vulkan
