#include "engine/io/torch_file.h"

#include <gmock/gmock.h>

#include "engine/io/zip.h"
#include "tests/formats/test_files.h"
#include "tests/formats/torch_writer.h"

namespace formats {
namespace {

using namespace trine::io;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TorchFile parse(const std::string& file) { return parse_torch_file(shared(file), "x.pth"); }

std::string refusal(const std::string& file) {
  return error_of([&] { parse(file); });
}

const std::vector<float> kSix{0, 1, 2, 3, 4, 5};

// A state dict of one tensor, "w", over a storage of six floats.
std::string checkpoint_of(const TensorSpec& spec) {
  PickleWriter writer(2);
  writer.mark().text("w");
  add_tensor(writer, spec).dict();
  return make_checkpoint(writer, {raw_bytes(kSix)});
}

TensorSpec view(std::int64_t offset, std::vector<std::int64_t> shape,
                std::vector<std::int64_t> strides) {
  return {.storage_size = 6,
          .offset = offset,
          .shape = std::move(shape),
          .strides = std::move(strides)};
}

TEST(TorchFile, ReadsAStateDictInItsOrder) {
  PickleWriter writer(2);
  writer.global("collections", "OrderedDict").mark().tuple().call().mark();
  writer.text("z");
  add_tensor(writer, view(0, {2, 3}, {3, 1}));
  writer.text("a");
  add_tensor(writer,
             {.storage = "LongStorage", .key = "1", .storage_size = 1, .shape = {}, .strides = {}});
  writer.text("epoch").number(3).raw("u");
  writer.mark().text("_metadata").none().dict().build();  // attributes of the OrderedDict
  const TorchFile file =
      parse(make_checkpoint(writer, {raw_bytes(kSix), raw_bytes<std::int64_t>({-7})}));

  ASSERT_EQ(file.arrays.size(), 2u);
  EXPECT_EQ(file.arrays[0].name, "z");
  EXPECT_EQ(to_string(file.arrays[0].array), "f32 (2, 3)");
  EXPECT_THAT(file.arrays[0].array.to_f32(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(file.arrays[1].name, "a");
  EXPECT_EQ(to_string(file.arrays[1].array), "i64 ()");
  EXPECT_THAT(file.arrays[1].array.to_i32(), ElementsAre(-7));
  EXPECT_THAT(file.skipped, ElementsAre("epoch"));
}

TEST(TorchFile, ResolvesViews) {
  const auto values = [](const TensorSpec& spec) {
    return parse(checkpoint_of(spec)).arrays.at(0).array.to_f32();
  };
  EXPECT_THAT(values(view(0, {3, 2}, {1, 3})), ElementsAre(0, 3, 1, 4, 2, 5));  // transposed
  EXPECT_THAT(values(view(2, {3}, {1})), ElementsAre(2, 3, 4));
  EXPECT_THAT(values(view(1, {2, 2}, {3, 1})), ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(values(view(5, {2, 2}, {0, 0})), ElementsAre(5, 5, 5, 5));  // expanded
  EXPECT_THAT(values(view(6, {0, 4}, {4, 1})), ElementsAre());
}

TEST(TorchFile, TensorsMayShareAStorage) {
  PickleWriter writer(2);
  writer.mark().text("a");
  add_tensor(writer, view(0, {6}, {1})).text("b");
  add_tensor(writer, view(3, {3}, {1})).dict();
  const TorchFile file = parse(make_checkpoint(writer, {raw_bytes(kSix)}));
  EXPECT_EQ(file.arrays.at(0).array.bytes().data() + 12, file.arrays.at(1).array.bytes().data());
}

TEST(TorchFile, ReadsEveryStorage) {
  const auto type_of = [](std::string_view storage, std::size_t size) {
    PickleWriter writer(2);
    writer.mark().text("w");
    add_tensor(writer, {.storage = storage, .storage_size = 1, .shape = {1}, .strides = {1}})
        .dict();
    return parse(make_checkpoint(writer, {std::string(size, '\0')})).arrays.at(0).array.type();
  };
  EXPECT_EQ(type_of("BoolStorage", 1), ElementType::boolean);
  EXPECT_EQ(type_of("ByteStorage", 1), ElementType::u8);
  EXPECT_EQ(type_of("CharStorage", 1), ElementType::i8);
  EXPECT_EQ(type_of("ShortStorage", 2), ElementType::i16);
  EXPECT_EQ(type_of("IntStorage", 4), ElementType::i32);
  EXPECT_EQ(type_of("LongStorage", 8), ElementType::i64);
  EXPECT_EQ(type_of("HalfStorage", 2), ElementType::f16);
  EXPECT_EQ(type_of("BFloat16Storage", 2), ElementType::bf16);
  EXPECT_EQ(type_of("FloatStorage", 4), ElementType::f32);
  EXPECT_EQ(type_of("DoubleStorage", 8), ElementType::f64);
}

TEST(TorchFile, TurnsBigEndianFilesAround) {
  PickleWriter writer(2);
  writer.mark().text("w");
  add_tensor(writer, {.storage = "ShortStorage", .storage_size = 2, .shape = {2}, .strides = {1}});
  writer.dict();
  const std::string storage("\x01\x02\xff\xfe", 4);
  const auto values = [&](const std::string& order) {
    const std::string file = make_checkpoint(writer, {storage}, {{"model/byteorder", order}});
    return parse(file).arrays.at(0).array.to_i32();
  };
  EXPECT_THAT(values("big"), ElementsAre(0x0102, -2));
  EXPECT_THAT(values("little"), ElementsAre(0x0201, -257));
}

TEST(TorchFile, ReadsParameters) {
  PickleWriter writer(2);
  writer.mark().text("w").global("torch._utils", "_rebuild_parameter").mark();
  add_tensor(writer, view(0, {6}, {1})).boolean(true).none().tuple().call().dict();
  EXPECT_EQ(parse(make_checkpoint(writer, {raw_bytes(kSix)})).arrays.at(0).name, "w");
}

// {"epoch": 3, NAME: {"w": tensor}, ...}
std::string nested(const std::vector<std::string>& names) {
  PickleWriter writer(2);
  writer.mark().text("epoch").number(3);
  for (const std::string& name : names) {
    writer.text(name).mark().text(name + ".w");
    add_tensor(writer, view(0, {6}, {1})).dict();
  }
  return make_checkpoint(writer.dict(), {raw_bytes(kSix)});
}

TEST(TorchFile, FindsTheStateDictInside) {
  EXPECT_EQ(parse(nested({"anything"})).arrays.at(0).name, "anything.w");
  EXPECT_EQ(parse(nested({"ema", "state_dict"})).arrays.at(0).name, "state_dict.w");
  EXPECT_EQ(parse(nested({"optimizer", "net"})).arrays.at(0).name, "net.w");
  EXPECT_THAT(refusal(nested({"one", "two"})), HasSubstr("holds several state dicts (one, two)"));
  EXPECT_THAT(refusal(nested({})), HasSubstr("it holds no state dict"));
}

TEST(TorchFile, NumbersBesideAStateDictAreNoModel) {
  PickleWriter writer(2);
  writer.mark().text("loss");
  add_tensor(writer, view(0, {}, {})).text("model_state_dict").mark().text("w");
  add_tensor(writer, view(0, {6}, {1})).dict().text("weights");
  add_tensor(writer, view(0, {3}, {1})).dict();  // of classes, say
  const TorchFile file = parse(make_checkpoint(writer, {raw_bytes(kSix)}));
  ASSERT_EQ(file.arrays.size(), 1u);
  EXPECT_EQ(file.arrays[0].name, "w");
}

TEST(TorchFile, FindsTheStateDictUnderTwoNamesAndInLists) {
  PickleWriter deep(2);
  deep.mark().text("state_dict").mark().text("model").mark().text("w");
  add_tensor(deep, view(0, {6}, {1})).dict().dict().dict();
  EXPECT_EQ(parse(make_checkpoint(deep, {raw_bytes(kSix)})).arrays.at(0).name, "w");

  PickleWriter list(2);  // the model and two units without weights
  list.mark().mark().text("w");
  add_tensor(list, view(0, {6}, {1})).dict().mark().dict().mark().dict().list();
  EXPECT_EQ(parse(make_checkpoint(list, {raw_bytes(kSix)})).arrays.at(0).name, "w");
}

TEST(TorchFileHostile, StateDictsWithinThemselvesAreNoDanger) {
  PickleWriter writer(2);
  writer.raw("}").put(0).mark();
  for (const char* name : {"state_dict", "model_state_dict", "model", "net", "network", "module"})
    writer.text(name).get(0);
  EXPECT_THAT(refusal(make_checkpoint(writer.raw("u"), {})), HasSubstr("it holds no state dict"));
}

std::vector<std::string> names_of(const std::vector<std::string>& names) {
  PickleWriter writer(2);
  writer.mark();
  for (const std::string& name : names) add_tensor(writer.text(name), view(0, {6}, {1}));
  std::vector<std::string> out;
  for (const NamedArray& entry : parse(make_checkpoint(writer.dict(), {raw_bytes(kSix)})).arrays)
    out.push_back(entry.name);
  return out;
}

TEST(TorchFile, WrappersPrefixesAreTakenOff) {
  EXPECT_THAT(names_of({"module.a", "module.b.module.c"}), ElementsAre("a", "b.module.c"));
  EXPECT_THAT(names_of({"_orig_mod.a"}), ElementsAre("a"));
  EXPECT_THAT(names_of({"Model.a", "Model.b"}), ElementsAre("a", "b"));
  EXPECT_THAT(names_of({"module._orig_mod.Model.a"}), ElementsAre("a"));
  // What not all of them have is part of a name, and so is all of one.
  EXPECT_THAT(names_of({"module.a", "b"}), ElementsAre("module.a", "b"));
  EXPECT_THAT(names_of({"module."}), ElementsAre("module."));
}

TEST(TorchFile, PlainPicklesOfArraysAreStateDictsToo) {
  PickleWriter writer;
  writer.mark().text("w").array<float>("f4", {2}, {1, 2}).text("v");
  add_inline_tensor(writer, {0, 1, 2, 3, 4, 5}, {3, 2}, {1, 3}).dict();
  const TorchFile file = parse(writer.finish());
  EXPECT_THAT(file.arrays.at(0).array.to_f32(), ElementsAre(1, 2));
  EXPECT_THAT(file.arrays.at(1).array.to_f32(), ElementsAre(0, 3, 1, 4, 2, 5));
}

TEST(TorchFile, CompressedEntriesAreReadToo) {
  PickleWriter writer(2);
  writer.mark().text("w");
  add_tensor(writer, view(0, {6}, {1})).dict();
  const std::string file =
      make_zip({{"m/data.pkl", writer.finish()}, {"m/data/0", raw_bytes(kSix)}}, true);
  EXPECT_THAT(parse(file).arrays.at(0).array.to_f32(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(TorchFileHostile, SaysWhatElseItIs) {
  EXPECT_THAT(refusal("hello"), HasSubstr("does not begin like a pickle"));
  EXPECT_THAT(refusal("PK\x03\x04 and no more"), HasSubstr("it is not a whole zip archive"));
  EXPECT_THAT(refusal(make_zip({{"arr_0.npy", "x"}})), HasSubstr("it is a NumPy .npz file: load"));
  EXPECT_THAT(
      refusal(make_zip({{"mosi.pkl", "x"}})),
      EndsWith("it is a zip archive that torch.save has not written (there is no data.pkl in "
               "it) and that holds mosi.pkl: unpack it and name the file that is meant"));
  EXPECT_THAT(refusal(make_zip({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}})),
              HasSubstr("that holds a, b, c and 2 more: unpack it"));
  EXPECT_THAT(refusal(make_zip({{"a/data.pkl", "x"}, {"b/data.pkl", "x"}})),
              HasSubstr("several pickles named data.pkl"));
  EXPECT_THAT(refusal(make_checkpoint(PickleWriter().number(3), {})),
              EndsWith("it holds the number 3, and a state dict is expected: save "
                       "model.state_dict()"));
}

TEST(TorchFileHostile, NamesTheFunctionThatItDidNotCall) {
  EXPECT_EQ(refusal(make_checkpoint(PickleWriter(2).global("os", "system"), {})),
            "x.pth is not a checkpoint that can be read: it holds an object made by os.system, and "
            "a state dict is expected: save model.state_dict()");
}

// Such as a quantized one, or one of complex numbers.
TEST(TorchFileHostile, TensorsOfOtherKindsAreLeftOut) {
  PickleWriter writer(2);
  writer.mark().text("q").global("torch._utils", "_rebuild_qtensor").mark().tuple().call();
  writer.text("w");
  add_tensor(writer, view(0, {6}, {1})).dict();
  const TorchFile file = parse(make_checkpoint(writer, {raw_bytes(kSix)}));
  EXPECT_EQ(file.arrays.size(), 1u);
  EXPECT_THAT(file.skipped, ElementsAre("q"));
}

TEST(TorchFileHostile, ViewsStayWithinTheirStorage) {
  const auto refuses = [](const TensorSpec& spec) { return refusal(checkpoint_of(spec)); };
  EXPECT_THAT(refuses(view(1, {6}, {1})),
              HasSubstr("of the tensor w, an array (6) with strides (1) and offset 1 reaches "
                        "element 6 of a storage of 6"));
  EXPECT_THAT(refuses(view(-1, {1}, {1})), HasSubstr("before its storage"));
  EXPECT_THAT(refuses(view(5, {2}, {-1})), HasSubstr("negative stride"));
  EXPECT_THAT(refuses(view(0, {-1}, {1})), HasSubstr("negative extent"));
  EXPECT_THAT(refuses(view(0, {2}, {INT64_MAX})), HasSubstr("reaches element"));
  EXPECT_THAT(refuses(view(0, {2, 2}, {1})), HasSubstr("1 strides"));
  EXPECT_THAT(refuses(view(0, {1LL << 62, 8}, {0, 0})), HasSubstr("more elements than"));
}

TEST(TorchFileHostile, ExpandedViewsAreBounded) {
  EXPECT_THAT(refusal(checkpoint_of(view(0, {1LL << 40}, {0}))), HasSubstr("far more memory"));
  // Numbers of bytes that 64 bits cannot hold, and that would come out small.
  EXPECT_THAT(refusal(checkpoint_of(view(0, {1LL << 62}, {0}))), HasSubstr("more elements than"));
  EXPECT_THAT(refusal(checkpoint_of(view(0, {(1LL << 62) + 1}, {0}))),
              HasSubstr("more elements than"));
}

TEST(TorchFileHostile, StoragesAreThereAndOfTheirSize) {
  TensorSpec spec = view(0, {6}, {1});
  spec.key = "../../etc/passwd";
  EXPECT_THAT(refusal(checkpoint_of(spec)), HasSubstr("no zip entry model/data/../../etc/passwd"));
  spec = view(0, {6}, {1});
  spec.storage_size = 7;
  EXPECT_THAT(refusal(checkpoint_of(spec)),
              HasSubstr("its storage 0 should hold 7 elements f32, and has 24 bytes"));
  spec.storage_size = -1;
  EXPECT_THAT(refusal(checkpoint_of(spec)), HasSubstr("a storage of -1 elements"));
}

TEST(TorchFileHostile, NamesComeOnce) {
  PickleWriter writer(2);
  writer.mark().text("w").number(1).text("w");
  add_tensor(writer, view(0, {6}, {1})).dict();
  EXPECT_THAT(refusal(make_checkpoint(writer, {raw_bytes(kSix)})), EndsWith("it names w twice"));
}

TEST(TorchFileHostile, TensorsAreComplete) {
  const auto refuses = [](const PickleWriter& writer) {
    return refusal(make_checkpoint(writer, {}));
  };
  PickleWriter no_storage(2);
  no_storage.global("torch._utils", "_rebuild_tensor_v2").mark().number(1).tuple().call();
  EXPECT_THAT(refuses(no_storage), HasSubstr("it describes a tensor without a storage"));
  EXPECT_THAT(refuses(PickleWriter(2).mark().text("module").tuple().raw("Q")),
              HasSubstr("and only storages are found there"));
  EXPECT_THAT(refuses(PickleWriter(2).number(1).raw("Q")), HasSubstr("it refers to the number 1"));
  PickleWriter wrong_type(2);
  wrong_type.mark().text("storage").global("numpy", "ndarray").text("0").text("cpu").number(1);
  EXPECT_THAT(refuses(wrong_type.tuple().raw("Q")),
              HasSubstr("it names numpy.ndarray as the type of a storage"));
}

// Overwrites the unpacked size of the entry named last in the archive's directory.
std::string with_claimed_size(std::string zip, std::uint32_t size) {
  constexpr std::string_view kDirectoryEntry = "PK\x01\x02";
  constexpr std::size_t kSizeAt = 24;
  std::memcpy(zip.data() + zip.rfind(kDirectoryEntry) + kSizeAt, &size, sizeof(size));
  return zip;
}

TEST(ZipHostile, BombsAreNotUnpacked) {
  const std::string zip = make_zip({{"m/data.pkl", std::string(100'000, 'x')}}, true);
  EXPECT_THAT(refusal(with_claimed_size(zip, 0xf0000000u)),
              HasSubstr("far more memory than a file of its size should need"));
  EXPECT_THAT(refusal(with_claimed_size(zip, 100'001)), HasSubstr("m/data.pkl"));
  EXPECT_THAT(refusal(with_claimed_size(zip, 99'999)), HasSubstr("m/data.pkl"));
}

TEST(ZipHostile, EntriesMayNotShareTheirBytes) {
  // The directory is doubled: each entry is there twice, and so are the bytes that they claim.
  const std::string zip = make_zip({{"m/data.pkl", std::string(1000, 'x')}});
  constexpr std::size_t kEndSize = 22;
  const std::size_t begin = zip.find("PK\x01\x02");
  const std::string directory = zip.substr(begin, zip.size() - kEndSize - begin);
  std::string end = zip.substr(zip.size() - kEndSize);
  end[8] = end[10] = 2;  // entries on this disk, entries in all
  const auto length = static_cast<std::uint32_t>(2 * directory.size());
  std::memcpy(end.data() + 12, &length, sizeof(length));
  EXPECT_THAT(refusal(zip.substr(0, begin) + directory + directory + end),
              HasSubstr("claim more bytes than the file has"));
}

TEST(ZipHostile, ChecksumsAreCompared) {
  std::string zip = make_zip({{"m/data.pkl", "0123456789"}});
  zip[zip.find("0123456789")] = 'X';
  EXPECT_THAT(refusal(zip), HasSubstr("its zip entry m/data.pkl is damaged: CRC error"));
}

TEST(ZipArchive, ListsAndReadsItsEntries) {
  const ZipArchive archive(shared(make_zip({{"a", "one"}, {"b/c", ""}})));
  EXPECT_THAT(archive.names(), ElementsAre("a", "b/c"));
  EXPECT_TRUE(archive.has("b/c"));
  EXPECT_FALSE(archive.has("b"));
  EXPECT_EQ(text_of(archive.read("a")), "one");
  EXPECT_TRUE(archive.read("b/c").empty());
  EXPECT_EQ(error_of([&] { archive.read("none"); }), "it has no zip entry none");
}

TEST(TorchFileHostile, EveryTruncationIsNoticed) {
  const std::string whole = checkpoint_of(view(0, {6}, {1}));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(parse(whole.substr(0, length)), trine::Error) << length;
  }
}

}  // namespace
}  // namespace formats
