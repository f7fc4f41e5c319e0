#include "engine/io/safetensors.h"

#include <gmock/gmock.h>

#include "tests/formats/pickle_writer.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

using namespace trine::io;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// A file with the given header and `data_size` bytes of data: 0, 1, 2, ...
std::string file_of(std::string_view header, std::size_t data_size) {
  const std::uint64_t length = header.size();
  std::string out(reinterpret_cast<const char*>(&length), sizeof(length));
  out += header;
  for (std::size_t i = 0; i < data_size; ++i) out += static_cast<char>(i);
  return out;
}

Safetensors parse(std::string_view file) { return parse_safetensors(shared(file), "x"); }

std::string refusal(std::string_view header, std::size_t data_size) {
  return error_of([&] { parse(file_of(header, data_size)); });
}

TEST(Safetensors, RoundTripKeepsEverything) {
  const TemporaryFolder folder;
  const NamedArrays arrays{
      {"z.first", Array::from(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3})},
      {"a \"quoted\" näme", Array::from(std::vector<std::uint8_t>{1, 2, 3}, {3})},
      {"scalar", Array::from(std::vector<double>{0.5}, {})},
      {"empty", Array::from(std::vector<std::int32_t>{}, {0, 4})},
      {"long", Array::from(std::vector<std::int64_t>{-1, INT64_MAX}, {2, 1})},
  };
  const Metadata metadata{{"format", "x"}, {"list", "[\"ä\",\"\\n\"]"}};
  write_safetensors(folder / "x.safetensors", arrays, metadata);
  const Safetensors read = read_safetensors(folder / "x.safetensors");

  EXPECT_EQ(read.metadata, metadata);
  ASSERT_EQ(read.arrays.size(), arrays.size());
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    EXPECT_EQ(read.arrays[i].name, arrays[i].name);
    EXPECT_EQ(to_string(read.arrays[i].array), to_string(arrays[i].array));
    EXPECT_EQ(text_of(read.arrays[i].array.bytes()), text_of(arrays[i].array.bytes()));
  }
  EXPECT_THAT(find(read.arrays, "z.first")->to_f32(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(find(read.arrays, "none"), nullptr);
}

TEST(Safetensors, NothingAtAllIsAFileToo) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x.safetensors", NamedArrays{});
  EXPECT_TRUE(read_safetensors(folder / "x.safetensors").arrays.empty());
}

// The data begins at a multiple of 8, which other readers map directly.
TEST(Safetensors, DataIsAligned) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x", {{"a", Array::from(std::vector<float>{1}, {1})}});
  const std::string file = contents_of(folder / "x");
  EXPECT_EQ((file.size() - sizeof(float)) % 8, 0u);
}

TEST(Safetensors, WritingKeepsTheOldFileOnBadInput) {
  const TemporaryFolder folder;
  write_contents(folder / "x", "old");
  const Array one = Array::from(std::vector<float>{1}, {1});
  const auto refuses = [&](const NamedArrays& arrays, const Metadata& metadata) {
    return error_of([&] { write_safetensors(folder / "x", arrays, metadata); });
  };
  EXPECT_THAT(refuses({{"a", one}, {"a", one}}, {}),
              EndsWith("two tensors cannot both be called a"));
  EXPECT_THAT(refuses({{"__metadata__", one}}, {}), HasSubstr("called __metadata__"));
  EXPECT_THAT(refuses({{"\xff", one}}, {}), EndsWith("is not valid UTF-8"));
  EXPECT_THAT(refuses({{"a", one}}, {{"key", "\xc3"}}), EndsWith("is not valid UTF-8"));
  EXPECT_EQ(contents_of(folder / "x"), "old");
}

TEST(Safetensors, ReadsEveryType) {
  const auto type_of = [](const std::string& name, std::size_t size) {
    const std::string header =
        fmt::format(R"({{"a":{{"dtype":"{}","shape":[1],"data_offsets":[0,{}]}}}})", name, size);
    return parse(file_of(header, size)).arrays[0].array.type();
  };
  EXPECT_EQ(type_of("BOOL", 1), ElementType::boolean);
  EXPECT_EQ(type_of("U8", 1), ElementType::u8);
  EXPECT_EQ(type_of("I8", 1), ElementType::i8);
  EXPECT_EQ(type_of("U16", 2), ElementType::u16);
  EXPECT_EQ(type_of("I16", 2), ElementType::i16);
  EXPECT_EQ(type_of("F16", 2), ElementType::f16);
  EXPECT_EQ(type_of("BF16", 2), ElementType::bf16);
  EXPECT_EQ(type_of("U32", 4), ElementType::u32);
  EXPECT_EQ(type_of("I32", 4), ElementType::i32);
  EXPECT_EQ(type_of("F32", 4), ElementType::f32);
  EXPECT_EQ(type_of("U64", 8), ElementType::u64);
  EXPECT_EQ(type_of("I64", 8), ElementType::i64);
  EXPECT_EQ(type_of("F64", 8), ElementType::f64);
}

TEST(Safetensors, TensorsMayStandInAnotherOrderThanTheirData) {
  const Safetensors file = parse(file_of(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},
      "a":{"data_offsets":[0,1],"dtype":"U8","shape":[1]},
      "none":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}   )",
                                         3));
  ASSERT_EQ(file.arrays.size(), 3u);
  EXPECT_EQ(file.arrays[0].name, "b");
  EXPECT_THAT(file.arrays[0].array.to_i32(), ElementsAre(1, 2));
  EXPECT_THAT(file.arrays[1].array.to_i32(), ElementsAre(0));
}

TEST(SafetensorsHostile, HeaderLength) {
  EXPECT_EQ(error_of([] { parse("abc"); }),
            "x is not a safetensors file that can be read: it has 3 bytes, and the length of its "
            "header alone takes 8");
  EXPECT_THAT(error_of([] { parse(std::string(8, '\xff') + "{}"); }),
              HasSubstr("its header should have 18446744073709551615 bytes, and 2 are left"));
  EXPECT_THAT(error_of([] { parse(std::string("\x03\0\0\0\0\0\0\0{}", 10)); }),
              HasSubstr("cut short"));
}

// The file has holes, so the gigabytes take no room on the disk, nor may they in memory.
TEST(SafetensorsHostile, HeadersOfGigabytesAreNotRead) {
  const TemporaryFolder folder;
  const std::uint64_t length = 3'000'000'000;
  std::string start(reinterpret_cast<const char*>(&length), sizeof(length));
  dmd::write_contents(folder / "x.safetensors", start + "{\"a\":");
  std::filesystem::resize_file(folder / "x.safetensors", length + 8);
  EXPECT_THAT(error_of([&] { read_safetensors(folder / "x.safetensors"); }),
              HasSubstr("its header has 3000000000 bytes, and no more than 100000000 are read"));
}

TEST(SafetensorsHostile, HeaderIsNoObject) {
  for (const char* header : {"", "{", "[]", "5", "null", "{\"a\":", "{}x", "{'a':1}", "\xff"}) {
    EXPECT_THAT(refusal(header, 0), HasSubstr("its header is not")) << header;
  }
  EXPECT_THAT(refusal(R"({"a":1})", 0),
              HasSubstr("describes a by something that is not an object"));
  EXPECT_THAT(refusal(R"({"a":[]})", 0), HasSubstr("not an object"));
  EXPECT_THAT(refusal("{\"\xff\":{}}", 0), HasSubstr("not valid JSON"));
}

TEST(SafetensorsHostile, MessagesAreShortAndPrintable) {
  const std::string message = refusal("{\"\x1b[31m" + std::string(100'000, 'x'), 0);
  EXPECT_LT(message.size(), 1000u);
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_EQ(refusal(R"({"\u001b":1})", 0).find('\x1b'), std::string::npos);
}

TEST(SafetensorsHostile, DepthIsBounded) {
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(refusal(deep, 0), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal("{\"a\":{\"shape\":" + deep, 0), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(R"({"a":{"x":{"y":{"z":1}}}})", 0), HasSubstr("nested too deeply"));
}

TEST(SafetensorsHostile, NamesComeOnce) {
  constexpr auto kTwice = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
                              "a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})";
  EXPECT_THAT(refusal(kTwice, 2), EndsWith("its header lists a twice"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"U8","dtype":"U8","data_offsets":[0,1]}})", 1),
              EndsWith("its header gives dtype of a twice"));
  EXPECT_THAT(refusal(R"({"__metadata__":{"k":"1","k":"2"}})", 0),
              EndsWith("gives k of __metadata__ twice"));
}

TEST(SafetensorsHostile, MetadataAreStrings) {
  EXPECT_THAT(refusal(R"({"__metadata__":{"k":1}})", 0), HasSubstr("maps k to something"));
  EXPECT_THAT(refusal(R"({"__metadata__":"k"})", 0), HasSubstr("not an object"));
}

// One tensor "a" whose fields are given, over 4 bytes of data.
std::string refusal_of_entry(std::string_view fields) {
  return refusal(fmt::format("{{\"a\":{{{}}}}}", fields), 4);
}

TEST(SafetensorsHostile, FieldsAreComplete) {
  EXPECT_THAT(refusal_of_entry(R"("dtype":"F32","shape":[1])"),
              EndsWith("of the tensor a, it has 2 fields, and 3 are expected"));
  EXPECT_THAT(refusal_of_entry(R"("dtype":"F32","shape":[1],"offsets":[0,4])"),
              HasSubstr("it has no data_offsets"));
  EXPECT_THAT(refusal_of_entry(R"("dtype":1,"shape":[1],"data_offsets":[0,4])"),
              HasSubstr("dtype is not a string"));
  EXPECT_THAT(refusal_of_entry(R"("dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4])"),
              HasSubstr("its type is F8_E4M3"));
  EXPECT_THAT(refusal_of_entry(R"("dtype":"f32","shape":[1],"data_offsets":[0,4])"),
              HasSubstr("its type is f32"));
}

TEST(SafetensorsHostile, ShapesAreCounts) {
  for (const char* shape : {"[-1]", "[1.0]", "[\"1\"]", "[null]", "[9223372036854775808]",
                            "[18446744073709551616]", "[1e3]"}) {
    EXPECT_THAT(
        refusal_of_entry(fmt::format(R"("dtype":"F32","shape":{},"data_offsets":[0,4])", shape)),
        HasSubstr("whole numbers from 0 to 2^63 - 1 are expected"))
        << shape;
  }
  EXPECT_THAT(refusal_of_entry(R"("dtype":"F32","shape":1,"data_offsets":[0,4])"),
              HasSubstr("its shape is not a list"));
}

TEST(SafetensorsHostile, ShapeAndSizeAgree) {
  const auto refuses = [](const char* shape) {
    return refusal_of_entry(fmt::format(R"("dtype":"F32","shape":{},"data_offsets":[0,4])", shape));
  };
  EXPECT_THAT(refuses("[2]"), EndsWith("an array f32 (2) holds 2 elements, and 4 bytes are given "
                                       "for it"));
  EXPECT_THAT(refuses("[0]"), HasSubstr("holds 0 elements"));
  EXPECT_THAT(refuses("[4611686018427387904,4]"), HasSubstr("more elements than can be counted"));
  EXPECT_THAT(refuses("[4611686018427387905]"), HasSubstr("more elements than can be counted"));
  EXPECT_THAT(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}})", 3),
              HasSubstr("3 bytes are given"));
}

TEST(SafetensorsHostile, DataIsCoveredOnce) {
  const auto refuses = [](std::string_view a, std::string_view b) {
    constexpr auto kTwo = R"({{"a":{{"dtype":"U8","shape":[2],"data_offsets":{}}},
                               "b":{{"dtype":"U8","shape":[2],"data_offsets":{}}}}})";
    return refusal(fmt::format(kTwo, a, b), 4);
  };
  EXPECT_THAT(refuses("[0,2]", "[1,3]"), HasSubstr("the tensor b overlaps another one"));
  EXPECT_THAT(refuses("[0,2]", "[0,2]"), HasSubstr("overlaps"));
  EXPECT_THAT(refuses("[1,3]", "[3,5]"), HasSubstr("1 bytes before the tensor a belong to no"));
  EXPECT_THAT(refuses("[0,1]", "[2,4]"), HasSubstr("belong to no tensor"));
  EXPECT_THAT(refuses("[2,4]", "[4,6]"), HasSubstr("belong to no tensor"));
  EXPECT_THAT(refuses("[0,2]", "[2,5]"), HasSubstr("take 5 bytes, and 4 are there"));
  EXPECT_THAT(refuses("[0,2]", "[2,3]"), HasSubstr("1 bytes after the last tensor"));
  EXPECT_THAT(refuses("[2,0]", "[2,4]"), HasSubstr("ends at 0, before it begins at 2"));
  EXPECT_THAT(refuses("[0,2,4]", "[2,4]"), HasSubstr("data_offsets are 3"));
  EXPECT_THAT(refuses("[0,2]", "[2,9223372036854775807]"), HasSubstr("and 4 are there"));
  EXPECT_THAT(refuses("[0,2]", "[2,18446744073709551616]"), HasSubstr("data_offsets"));
  EXPECT_THAT(refuses("[0,2]", "[-2,2]"), HasSubstr("data_offsets"));
}

TEST(SafetensorsHostile, EveryTruncationIsNoticed) {
  const std::string whole = file_of(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"__metadata__":{"k":"v"}})", 8);
  parse(whole);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(parse(whole.substr(0, length)), trine::Error) << length;
  }
}

}  // namespace
}  // namespace formats
