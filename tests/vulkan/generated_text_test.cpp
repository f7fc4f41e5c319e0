// The GLSL that expressions become, as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backends/vulkan/glsl_printer.h"
#include "backends/vulkan/shaders.h"
#include "engine/error.h"
#include "engine/ops/elementwise.h"

namespace trine::vulkan {
namespace {

using testing::HasSubstr;
using testing::Not;

const ElementwiseFn& row(std::string_view name) {
  for (const ElementwiseFn& fn : elementwise_fns())
    if (fn.name == name) return fn;
  fail("no row {}", name);
}

Expression scaled_sum() {
  ExpressionBuilder builder(2);
  const int scale = builder.constant(0.5f);
  const int scaled[] = {1, scale};
  const int product = builder.apply(row("multiply"), scaled);
  const int both[] = {0, product};
  builder.store(builder.apply(row("add"), both));
  return builder.expression();
}

TEST(GeneratedText, AnEpilogueWalksItsSpaceAndStores) {
  const DType types[] = {DType::f32};
  EXPECT_EQ(print_store("finish", scaled_sum(), 1, {32, 38, 2}, types, types),
            "void finish(uint element, float r0) {\n"
            "  const uint i5 = element % field(37), i_rest5 = element / field(37);\n"
            "  const uint i4 = i_rest5;\n"
            "  const float r1 = load_float(operand(38), i4 * field(44) + i5 * field(45));\n"
            "  float r2 = scalar_float(0);\n"
            "  float r3 = row_multiply(r1, r2);\n"
            "  float r4 = row_add(r0, r3);\n"
            "  store_float(operand(46), i4 * field(52) + i5 * field(53), r4);\n"
            "}\n");
}

TEST(GeneratedText, IntegersConvertOnLoadAndStore) {
  const DType in[] = {DType::i32}, out[] = {DType::f32};
  const Expression copy{.inputs = 1, .scalars = 0, .instrs = {}, .outputs = {0}};
  const std::string to_float = print_store("compute", copy, 0, {2, 8, 1}, in, out);
  EXPECT_THAT(to_float, HasSubstr("float(int(load_word("));
  const std::string to_integer = print_store("compute", copy, 0, {2, 8, 1}, out, in);
  EXPECT_THAT(to_integer, HasSubstr("uint(int(r0))"));
  const std::string words = print_store("compute", copy, 0, {2, 8, 1}, in, in);
  EXPECT_THAT(words, Not(HasSubstr("float")));
}

TEST(GeneratedText, SupportHasEachRowOnceAndTheScalars) {
  const Expression expression = scaled_sum();
  const Expression* const twice[] = {&expression, &expression};
  const std::string text = print_support(twice, 54);
  EXPECT_THAT(text, HasSubstr("float row_add(float x, float y) { return x + y; }"));
  EXPECT_EQ(text.find("row_add("), text.rfind("row_add("));
  EXPECT_THAT(text, HasSubstr("float_field(54 + slot)"));
}

TEST(GeneratedText, EveryRowOfTheTableCompiles) {
  for (const ElementwiseFn& fn : elementwise_fns()) {
    ExpressionBuilder builder(fn.arity);
    const int args[] = {0, 1, 2};
    builder.store(builder.apply(fn, std::span(args, static_cast<std::size_t>(fn.arity))));
    const std::vector<DType> in(static_cast<std::size_t>(fn.arity), DType::f32), out = {DType::f32};
    const Expression* const used[] = {&builder.expression()};
    const std::string body = print_support(used, 40) +
                             print_store("compute", builder.expression(), 0, {2, 8, 3}, in, out);
    EXPECT_NO_THROW(compile_glsl(assemble("elementwise.comp", {{"body", body}}), fn.name))
        << fn.name;
  }
}

TEST(GeneratedText, AKernelThatDoesNotCompileIsShownWithNumberedLines) {
  try {
    compile_glsl(assemble("elementwise.comp", {{"body", "void compute(uint e) { nonsense(e); }"}}),
                 "broken");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("nonsense"));
    EXPECT_THAT(error.what(), HasSubstr("   1 #version 450"));
  }
}

}  // namespace
}  // namespace trine::vulkan
