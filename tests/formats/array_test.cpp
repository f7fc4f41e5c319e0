#include "engine/io/array.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "engine/io/element.h"
#include "engine/io/strided.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

using namespace trine::io;
using testing::ElementsAre;
using testing::HasSubstr;

float half(std::uint16_t bits) { return Half{bits}; }
float brain(std::uint16_t bits) { return BFloat16{bits}; }

// Values from IEEE 754: 1 sign bit, 5 of exponent (bias 15), 10 of fraction.
TEST(Half, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(half(0x3c00), 1.0f);
  EXPECT_EQ(half(0xc000), -2.0f);
  EXPECT_EQ(half(0x7bff), 65504.0f);
  EXPECT_EQ(half(0x0400), 0x1p-14f);  // smallest normal
  EXPECT_EQ(half(0x0001), 0x1p-24f);  // smallest subnormal
  EXPECT_EQ(half(0x83ff), -0x1p-24f * 1023);
  EXPECT_EQ(half(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_EQ(half(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(half(0x7e01)));
  EXPECT_TRUE(std::signbit(half(0x8000)));
  EXPECT_EQ(half(0x8000), 0.0f);
}

// Every finite half, against the definition in double.
TEST(Half, AgreesWithItsDefinitionEverywhere) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const double fraction = bits & 1023;
    if (exponent == 31) continue;
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(half(static_cast<std::uint16_t>(bits)), (bits & 0x8000) != 0 ? -magnitude : magnitude)
        << "bits " << bits;
  }
}

TEST(BFloat16, IsTheUpperHalfOfAFloat) {
  EXPECT_EQ(brain(0x3f80), 1.0f);
  EXPECT_EQ(brain(0xc2f7), -123.5f);
  EXPECT_TRUE(std::isnan(brain(0x7fc0)));
}

template <class T>
Array array_of(ElementType type, std::vector<T> values) {
  const auto n = static_cast<std::int64_t>(values.size());
  return Array(type, {n}, share(std::move(values)));
}

TEST(Array, ConvertsEveryType) {
  const auto expect_values = [](const Array& array) {
    EXPECT_THAT(array.to_f32(), ElementsAre(0, 1, 2)) << to_string(array);
    EXPECT_THAT(array.to_f64(), ElementsAre(0, 1, 2)) << to_string(array);
    EXPECT_THAT(array.to_i32(), ElementsAre(0, 1, 2)) << to_string(array);
  };
  expect_values(array_of<std::uint8_t>(ElementType::u8, {0, 1, 2}));
  expect_values(array_of<std::int8_t>(ElementType::i8, {0, 1, 2}));
  expect_values(array_of<std::uint16_t>(ElementType::u16, {0, 1, 2}));
  expect_values(array_of<std::int16_t>(ElementType::i16, {0, 1, 2}));
  expect_values(array_of<std::uint32_t>(ElementType::u32, {0, 1, 2}));
  expect_values(array_of<std::int32_t>(ElementType::i32, {0, 1, 2}));
  expect_values(array_of<std::uint64_t>(ElementType::u64, {0, 1, 2}));
  expect_values(array_of<std::int64_t>(ElementType::i64, {0, 1, 2}));
  expect_values(array_of<std::uint16_t>(ElementType::f16, {0, 0x3c00, 0x4000}));
  expect_values(array_of<std::uint16_t>(ElementType::bf16, {0, 0x3f80, 0x4000}));
  expect_values(array_of<float>(ElementType::f32, {0, 1, 2}));
  expect_values(array_of<double>(ElementType::f64, {0, 1, 2}));
  EXPECT_THAT(array_of<std::uint8_t>(ElementType::boolean, {0, 1, 7}).to_f32(),
              ElementsAre(0, 1, 1));
}

TEST(Array, ReadsUnalignedBytes) {
  std::vector<std::byte> bytes(1 + sizeof(float));
  const float value = 2.5f;
  std::memcpy(bytes.data() + 1, &value, sizeof(float));
  const Array array(ElementType::f32, {1}, share(std::move(bytes)).part(1, sizeof(float)));
  EXPECT_THAT(array.to_f32(), ElementsAre(2.5f));
}

TEST(Array, WholeNumbersAreCheckedAgainst32Bits) {
  EXPECT_THAT(Array::from(std::vector<double>{-2147483648.0, 2147483647.0}, {2}).to_i32(),
              ElementsAre(INT32_MIN, INT32_MAX));
  const auto refuses = [](const Array& array) {
    return error_of([&] { static_cast<void>(array.to_i32()); });
  };
  EXPECT_EQ(refuses(Array::from(std::vector<float>{1, 2.5f}, {2})),
            "element 1 is 2.5, and a whole number within 32 bits is expected");
  EXPECT_THAT(refuses(Array::from(std::vector<double>{NAN}, {1})), HasSubstr("element 0 is nan"));
  EXPECT_THAT(refuses(Array::from(std::vector<double>{2147483648.0}, {1})),
              HasSubstr("2147483648"));
  EXPECT_THAT(refuses(Array::from(std::vector<std::int64_t>{INT64_MIN}, {1})),
              HasSubstr("32 bits"));
  EXPECT_THAT(refuses(Array::from(std::vector<std::int64_t>{INT64_MAX}, {1})),
              HasSubstr("32 bits"));
}

TEST(Array, BytesMustFitTypeAndShape) {
  const auto refuses = [](Extents shape) {
    return error_of([&] { Array::from(std::vector<float>{1, 2, 3}, std::move(shape)); });
  };
  EXPECT_EQ(refuses({2, 2}), "an array f32 (2, 2) holds 4 elements, and 12 bytes are given for it");
  EXPECT_THAT(refuses({-3}), HasSubstr("negative extent"));
  EXPECT_THAT(refuses({INT64_MAX, 2}), HasSubstr("more elements than can be counted"));
  EXPECT_THAT(refuses({INT64_MAX, 2, 0}), HasSubstr("more elements than can be counted"));
  EXPECT_THAT(refuses(Extents(65, 1)), HasSubstr("65 dimensions"));
  EXPECT_EQ(Array::from(std::vector<float>{1}, {}).size(), 1);
  EXPECT_EQ(Array::from(std::vector<float>{}, {4, 0}).size(), 0);
}

TEST(Array, OutlivesWhereItCameFrom) {
  Array array;
  {
    const SharedBytes whole = share(std::vector<float>{1, 2, 3, 4});
    array = Array(ElementType::f32, {2}, whole.part(8, 8));
  }
  EXPECT_THAT(array.to_f32(), ElementsAre(3, 4));
}

std::vector<std::uint8_t> gathered(const Layout& layout) {
  const std::vector<std::uint8_t> source{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  check_within(layout, static_cast<std::int64_t>(source.size()));
  const auto bytes = gather(std::as_bytes(std::span(source)), 1, layout);
  std::vector<std::uint8_t> out;
  for (const std::byte byte : bytes) out.push_back(std::to_integer<std::uint8_t>(byte));
  return out;
}

TEST(Strided, GathersViews) {
  EXPECT_THAT(gathered({{2, 3}, {3, 1}, 0}), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(gathered({{3, 2}, {1, 3}, 0}), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(gathered({{2, 2, 2}, {6, 2, 1}, 1}), ElementsAre(1, 2, 3, 4, 7, 8, 9, 10));
  EXPECT_THAT(gathered({{2, 2}, {0, 1}, 4}), ElementsAre(4, 5, 4, 5));
  EXPECT_THAT(gathered({{}, {}, 7}), ElementsAre(7));
  EXPECT_THAT(gathered({{2, 0}, {1, 1}, 0}), ElementsAre());
  EXPECT_THAT(gathered({{1, 2}, {INT64_MAX, 1}, 10}), ElementsAre(10, 11));
}

TEST(Strided, KnowsRowMajorOrder) {
  EXPECT_TRUE(is_row_major(row_major({2, 3, 4})));
  EXPECT_FALSE(is_row_major(column_major({2, 3, 4})));
  EXPECT_TRUE(is_row_major(column_major({5})));
  EXPECT_TRUE(is_row_major({{1, 3}, {77, 1}, 0}));
  EXPECT_EQ(column_major({2, 3, 4}).strides, (Extents{1, 2, 6}));
}

TEST(Strided, RefusesToReachBeyondTheStorage) {
  const auto refuses = [](Layout layout) { return error_of([&] { check_within(layout, 12); }); };
  EXPECT_EQ(refuses({{2, 3}, {6, 3}, 1}),
            "an array (2, 3) with strides (6, 3) and offset 1 reaches element 13 of a storage of "
            "12");
  EXPECT_THAT(refuses({{2}, {-1}, 5}), HasSubstr("negative stride"));
  EXPECT_THAT(refuses({{2}, {1}, -1}), HasSubstr("before its storage"));
  EXPECT_THAT(refuses({{3}, {INT64_MAX}, 0}), HasSubstr("beyond what can be counted"));
  EXPECT_THAT(refuses({{2, 2}, {1}, 0}), HasSubstr("1 strides"));
  check_within({{0, 3}, {99, 99}, 12}, 12);  // no element, nothing out of reach
}

TEST(Strided, SwapsTheBytesOfEachElement) {
  std::vector<std::byte> bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  swap_bytes(bytes, 2);
  EXPECT_THAT(bytes, ElementsAre(std::byte{2}, std::byte{1}, std::byte{4}, std::byte{3}));
}

}  // namespace
}  // namespace formats
