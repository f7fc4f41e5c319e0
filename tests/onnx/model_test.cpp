// The file that a model becomes, read back, and what cannot become one.
#include "engine/onnx/model.h"

#include <set>

#include <gmock/gmock.h>

#include "tests/onnx/parsed_model.h"
#include "tests/support/errors.h"

namespace trine::onnx {
namespace {

using testing::HasSubstr;

Model small_model() {
  Model model{.name = "small",
              .description = "adds",
              .producer = "me",
              .producer_version = "1.2",
              .metadata = {{"key", "value"}}};
  model.inputs = {{"x", io::ElementType::f32, {"batch", std::int64_t{3}}, "what is read"}};
  model.outputs = {{"y", io::ElementType::i64, {}, ""}};
  model.operations = {{"Add", "a/Add", {"x", "w"}, {"sum"}, {}},
                      {"Odd",
                       "Odd",
                       {"sum"},
                       {"y"},
                       {{"i", std::int64_t{-7}},
                        {"f", 0.25f},
                        {"s", std::string("text")},
                        {"ints", std::vector<std::int64_t>{1, -1}}}}};
  model.initializers = {
      {"w", io::Array::from(std::vector<float>{1, 2, 3}, {1, 3})},
      {"n", io::Array::from(std::vector<std::int64_t>{-5}, {})},
      {"m", io::Array(io::ElementType::boolean, {2}, io::share(std::vector<std::uint8_t>{0, 1}))}};
  return model;
}

void expect_equal(const Port& a, const Port& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.meaning, b.meaning);
}

void expect_equal(const Operation& a, const Operation& b) {
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.outputs, b.outputs);
  ASSERT_EQ(a.attributes.size(), b.attributes.size());
  for (std::size_t i = 0; i < a.attributes.size(); ++i) {
    EXPECT_EQ(a.attributes[i].name, b.attributes[i].name);
    EXPECT_EQ(a.attributes[i].value, b.attributes[i].value);
  }
}

void expect_equal(const io::NamedArray& a, const io::NamedArray& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(to_string(a.array), to_string(b.array));
  EXPECT_EQ(io::text_of(a.array.bytes()), io::text_of(b.array.bytes()));
}

template <class T>
void expect_equal(const std::vector<T>& a, const std::vector<T>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) expect_equal(a[i], b[i]);
}

TEST(OnnxFile, HoldsTheModel) {
  const TemporaryFolder folder;
  const Model model = small_model();
  write_model(folder / "small.onnx", model);
  const Parsed read = parse_model(folder / "small.onnx");
  EXPECT_EQ(read.ir_version, kIrVersion);
  EXPECT_EQ(read.operator_set, kOperatorSet);
  EXPECT_EQ(read.model.name, "small");
  EXPECT_EQ(read.model.description, "adds");
  EXPECT_EQ(read.model.producer, "me");
  EXPECT_EQ(read.model.producer_version, "1.2");
  EXPECT_EQ(read.model.metadata, model.metadata);
  expect_equal(read.model.inputs, model.inputs);
  expect_equal(read.model.outputs, model.outputs);
  expect_equal(read.model.operations, model.operations);
  expect_equal(read.model.initializers, model.initializers);
}

// The elements are never touched, as the size alone decides.
TEST(OnnxFile, RefusesMoreThanTwoGibibytes) {
  const TemporaryFolder folder;
  const std::int64_t elements = std::int64_t{1} << 29;  // of four bytes
  const std::unique_ptr<float[]> values(new float[static_cast<std::size_t>(elements)]);
  const std::span<const float> view(values.get(), static_cast<std::size_t>(elements));
  Model model = small_model();
  model.initializers.push_back(
      {"large", io::Array(io::ElementType::f32, {elements}, {nullptr, std::as_bytes(view)})});
  const std::string error = error_of([&] { write_model(folder / "large.onnx", model); });
  EXPECT_THAT(error, HasSubstr("large.onnx"));
  EXPECT_THAT(error, HasSubstr("takes 2.0 GiB, and an ONNX file holds at most 2"));
  EXPECT_FALSE(std::filesystem::exists(folder / "large.onnx"));
}

TEST(OnnxFile, RefusesTypesThatModelsDoNotUse) {
  const TemporaryFolder folder;
  Model model = small_model();
  model.initializers.push_back({"d", io::Array::from(std::vector<double>{1}, {})});
  EXPECT_THAT(error_of([&] { write_model(folder / "d.onnx", model); }), HasSubstr("f64"));
}

}  // namespace
}  // namespace trine::onnx
