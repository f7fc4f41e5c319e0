// torch.save's format from before PyTorch 1.6.
#include "engine/io/torch_legacy.h"

#include <gmock/gmock.h>

#include "dmd/data/convert.h"
#include "engine/io/torch_file.h"
#include "tests/formats/test_files.h"
#include "tests/formats/torch_writer.h"

namespace formats {
namespace {

using namespace trine::io;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

const std::vector<float> kSix{0, 1, 2, 3, 4, 5};

TorchFile parse(const std::string& file) { return parse_torch_file(shared(file), "x.pth"); }

std::string refusal(const std::string& file) {
  return error_of([&] { parse(file); });
}

PickleWriter state_dict() {
  PickleWriter writer(2);
  writer.global("collections", "OrderedDict").mark().tuple().call().mark().text("w");
  add_tensor(writer, {.storage_size = 6, .shape = {3, 2}, .strides = {1, 3}}).text("b");
  add_tensor(writer, {.key = "1", .storage_size = 2, .shape = {2}, .strides = {1}}).raw("u");
  return writer;
}

std::string legacy_file() {
  return make_legacy(state_dict(), {raw_bytes(kSix), raw_bytes<float>({7, 8})});
}

TEST(TorchLegacy, ReadsAStateDict) {
  const TorchFile file = parse(legacy_file());
  ASSERT_EQ(file.arrays.size(), 2u);
  EXPECT_EQ(file.arrays[0].name, "w");
  EXPECT_EQ(to_string(file.arrays[0].array), "f32 (3, 2)");
  EXPECT_THAT(file.arrays[0].array.to_f32(), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(file.arrays[1].array.to_f32(), ElementsAre(7, 8));
}

TEST(TorchLegacy, ArraysAreViewsIntoTheFile) {
  const SharedBytes bytes = shared(legacy_file());
  const Array b = parse_torch_file(bytes, "x").arrays.at(1).array;
  EXPECT_EQ(b.bytes().data() + b.bytes().size(), bytes.view.data() + bytes.size());
}

// Python 2 wrote str as bytes, and older PyTorch no flags behind a tensor's strides.
TEST(TorchLegacy, ReadsWhatPython2Wrote) {
  PickleWriter writer(2);
  const auto text = [&](std::string_view value) {
    writer.raw("U").little_endian(static_cast<std::uint8_t>(value.size())).raw(value);
  };
  writer.mark();
  text("w");
  writer.global("torch._utils", "_rebuild_tensor").mark().mark();
  text("storage");
  writer.global("torch", "FloatStorage");
  text("0");
  text("cpu");
  writer.number(6).none().tuple().raw("Q").number(0).shape({6}).shape({1}).tuple().call().dict();
  EXPECT_THAT(parse(make_legacy(writer, {raw_bytes(kSix)})).arrays.at(0).array.to_f32(),
              ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(TorchLegacy, ConvertKnowsItByItsContents) {
  const TemporaryFolder folder;
  write_contents(folder / "pytorch_model.bin", legacy_file());
  EXPECT_EQ(dmd::convert(folder / "pytorch_model.bin", folder / "x.safetensors").items, 2);
}

TEST(TorchLegacyHostile, StoragesAreComparedWithTheFile) {
  const std::string whole = legacy_file();
  const auto with_length = [&](std::int64_t elements) {
    std::string file = whole;
    const std::size_t at = file.size() - 2 * sizeof(float) - sizeof(elements);
    std::memcpy(file.data() + at, &elements, sizeof(elements));
    return refusal(file);
  };
  EXPECT_THAT(with_length(3),
              EndsWith("its storage 1 should hold 3 elements of 4 bytes, and 8 bytes "
                       "are left: it is cut short"));
  EXPECT_THAT(with_length(-1), HasSubstr("should hold -1 elements"));
  EXPECT_THAT(with_length(INT64_MAX), HasSubstr("it is cut short"));
  EXPECT_THAT(with_length((std::int64_t{1} << 62) + 2), HasSubstr("it is cut short"));
  EXPECT_THAT(with_length(1), HasSubstr("should hold 2 elements f32, and has 4 bytes"));
}

TEST(TorchLegacyHostile, PartsAreOfTheirKind) {
  EXPECT_THAT(refusal(make_legacy(state_dict(), {raw_bytes(kSix)})),
              HasSubstr("of the tensor b, its storage 1 is missing"));
  EXPECT_THAT(refusal(make_legacy(PickleWriter(2).mark().dict(), {"1234"})),
              HasSubstr("nothing says of what type its storage the string '0' is"));
  std::string other_version = legacy_file();
  other_version.at(other_version.find("\xe9\x03")) = '\x01';
  EXPECT_THAT(refusal(other_version), HasSubstr("and 1001 is expected"));

  PickleWriter two_types(2);
  two_types.mark().text("w");
  add_tensor(two_types, {.storage_size = 6, .shape = {6}, .strides = {1}}).text("v");
  add_tensor(two_types,
             {.storage = "DoubleStorage", .storage_size = 3, .shape = {3}, .strides = {1}});
  EXPECT_THAT(refusal(make_legacy(two_types.dict(), {raw_bytes(kSix)})),
              HasSubstr("its storage 0 is of two types"));
}

TEST(TorchLegacyHostile, EveryTruncationIsNoticed) {
  const std::string whole = legacy_file();
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THROW(parse(whole.substr(0, length)), trine::Error) << length;
}

// Bytes of a storage within bytes of a storage, and so on, would take stack.
TEST(TorchLegacyHostile, StoragesDoNotNest) {
  PickleWriter inner(2);
  inner.global("torch.storage", "_load_from_bytes").mark().bytes("x").tuple().call();
  PickleWriter outer;
  outer.mark().text("w").global("torch.storage", "_load_from_bytes").mark();
  outer.bytes(make_legacy(inner, {})).tuple().call().dict();
  EXPECT_THAT(
      refusal(outer.finish()),
      HasSubstr("it holds an object made by torch.storage._load_from_bytes in the place of"));
}

TEST(TorchLegacyHostile, StoragesThatAreNamedOftenAreBounded) {
  PickleWriter storage(2);
  storage.mark().text("storage").global("torch", "FloatStorage").text("0").text("cpu");
  storage.number(1 << 20).none().tuple().raw("Q");
  PickleWriter writer;
  writer.global("torch.storage", "_load_from_bytes").put(0).mark();
  writer.bytes(make_legacy(storage, {std::string(4 << 20, 'x')})).tuple().put(1);
  for (int i = 0; i < 1000; ++i) writer.get(0).get(1).call();
  EXPECT_THAT(refusal(writer.finish()), HasSubstr("far more memory"));
}

}  // namespace
}  // namespace formats
