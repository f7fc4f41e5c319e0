// Pickles that are damaged or made to do harm: each gives a sentence and nothing else.
#include <gmock/gmock.h>

#include "engine/io/mapped_file.h"
#include "engine/io/pickle.h"
#include "engine/io/utf8.h"
#include "tests/formats/pickle_writer.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

using namespace trine::io;
using namespace trine::io::pickle;
using namespace std::string_literals;
using testing::EndsWith;
using testing::HasSubstr;

Document parse(const std::string& text) { return read(shared(text), "mosi.pkl", "feature file"); }

std::string refusal(const std::string& text) {
  return error_of([&] { parse(text); });
}
std::string refusal(const PickleWriter& writer) { return refusal(writer.finish()); }

// What the pickle holds, for those that are read.
std::string reading(const PickleWriter& writer) { return describe(parse(writer.finish()).root()); }

TEST(PickleHostile, RemembersTheFunctionThatItDidNotCall) {
  const PickleWriter writer =
      PickleWriter().number(1).global("os", "system").mark().text("rm -rf /").tuple().call();
  EXPECT_EQ(reading(writer), "an object made by os.system");
}

TEST(PickleHostile, EveryWayToAFunctionGivesItsNameAlone) {
  const auto named = [](std::string_view name) { return "an object made by " + std::string(name); };
  EXPECT_EQ(reading(PickleWriter().text("os").text("system").raw("\x93")), named("os.system"));
  EXPECT_EQ(reading(PickleWriter().global("builtins", "eval")), named("builtins.eval"));
  EXPECT_EQ(reading(PickleWriter().global("numpy", "load")), named("numpy.load"));
  EXPECT_EQ(reading(PickleWriter().global("numpy", "ndarray.tofile")),
            named("numpy.ndarray.tofile"));
  EXPECT_EQ(reading(PickleWriter().global("numpy.core", "multiarray._reconstruct")),
            named("numpy.core.multiarray._reconstruct"));
  EXPECT_EQ(reading(PickleWriter().global("torch._utils", "_rebuild_tensor_v2")),
            named("torch._utils._rebuild_tensor_v2"));
  EXPECT_EQ(reading(PickleWriter().global("_codecs", "decode")), named("_codecs.decode"));
  EXPECT_EQ(reading(PickleWriter().global("os\x1b[31m", "system")), named("os?[31m.system"));
  EXPECT_EQ(reading(PickleWriter().raw("c").raw(std::string(500, 'a')).raw("\nb\n")),
            named(std::string(60, 'a') + "....b"));
}

// Each is there and says what it is; nothing of it was built.
TEST(PickleHostile, ObjectsArePassedOver) {
  const auto called = [](PickleWriter writer) { return writer.mark().number(3).tuple(); };
  const auto series = [] { return PickleWriter().global("pandas", "Series"); };
  const std::string name = "an object made by pandas.Series";
  EXPECT_EQ(reading(called(series()).raw("\x81")), name);                // cls.__new__(cls, 3)
  EXPECT_EQ(reading(called(series()).mark().dict().raw("\x92")), name);  // ... with names
  EXPECT_EQ(reading(called(series()).call().none().build()), name);      // a state
  EXPECT_EQ(reading(series().number(1).raw("a")), name);                 // a subclass of list
  EXPECT_EQ(reading(series().mark().number(1).raw("e")), name);          // likewise
  EXPECT_EQ(reading(series().text("key").number(1).raw("s")), name);     // of dict
  EXPECT_EQ(reading(series().mark().number(1).raw("\x90")), name);       // of set
  EXPECT_EQ(reading(called(called(series()).call()).call()), name);      // what it made, called
  EXPECT_EQ(reading(PickleWriter().raw("\x8f").mark().number(1).raw("\x90")), "a set");
  EXPECT_EQ(reading(PickleWriter().mark().number(1).raw("\x91")), "a set");
  EXPECT_EQ(reading(PickleWriter().raw("\x8a\x09").raw("123456789")), "an integer of 9 bytes");
  EXPECT_EQ(reading(PickleWriter().text("id").raw("Q")), "something that is kept outside the file");
}

TEST(PickleHostile, ArraysOfOtherClassesAndTypesArePassedOver) {
  PickleWriter matrix;
  matrix.global("numpy.core.multiarray", "_reconstruct").mark().global("numpy", "matrix");
  matrix.shape({0}).bytes("b").tuple().call().none().build();
  EXPECT_EQ(reading(matrix), "an object made by numpy.matrix");

  PickleWriter extension;  // a dtype of a library beside NumPy
  extension.global("numpy.core.numeric", "_frombuffer").mark().bytes("0123");
  extension.global("numpy", "dtype").mark().global("ml_dtypes", "bfloat16").tuple().call();
  extension.shape({2}).text("C").tuple().call();
  EXPECT_EQ(reading(extension), "an array of an object made by ml_dtypes.bfloat16");
}

TEST(PickleHostile, ADefaultdictIsADict) {
  PickleWriter writer;
  writer.global("collections", "defaultdict").mark().global("builtins", "dict").tuple().call();
  const Document document = parse(writer.text("a").number(1).raw("s").finish());
  ASSERT_NE(document.root().as<Dict>(), nullptr);
  EXPECT_NE(document.root().as<Dict>()->find("a"), nullptr);
}

TEST(PickleHostile, RefusesOpcodesThatItDoesNotKnow) {
  for (const std::string_view code : {"o", "\x82", "\x83", "\x84", "\x98", "\xff"}) {
    EXPECT_THAT(refusal(PickleWriter().none().none().none().raw(code)),
                HasSubstr("at byte 5 it uses the opcode 0x"))
        << code;
  }
  EXPECT_THAT(refusal(PickleWriter().raw("ios\nsystem\n")),
              HasSubstr("save it again with protocol 4"));
  EXPECT_THAT(refusal(PickleWriter().raw("\x97")), HasSubstr("a buffer outside the file"));
}

TEST(PickleHostile, SaysWhatOtherFormatItIs) {
  const auto save = EndsWith("save what it holds with pickle.dump(data, file, protocol=4)");
  const auto is = [&](std::string_view what, std::string_view bytes) {
    const std::string message = refusal(std::string(bytes) + "......");
    EXPECT_THAT(message, HasSubstr("it is " + std::string(what)));
    return message;
  };
  EXPECT_THAT(is("a zip archive, such as a PyTorch checkpoint or an .npz file", "PK\x03\x04"s),
              save);
  EXPECT_THAT(is("an HDF5 file: load it in Python", "\x89HDF\r\n"s), save);
  EXPECT_THAT(is("a NumPy .npy file", "\x93NUMPY"s), save);
  EXPECT_THAT(is("compressed with zlib, as joblib does", "\x78\x9c"s), save);
  is("compressed with gzip: unpack it first", "\x1f\x8b\x08"s);
  is("compressed with zstd: unpack it first", "\x28\xb5\x2f\xfd"s);
  is("a tar archive: unpack it first", std::string(257, 'x') + "ustar");
  is("a Git LFS pointer, which stands for the file: fetch the file with `git lfs pull`",
     "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
  for (const char* page : {"<!DOCTYPE html>", "\n <HTML>", "<html lang=en>", "<?xml version=1?>"}) {
    is("a web page, so the download has failed", page);
  }
  EXPECT_THAT(refusal("(dp0\n."s), HasSubstr("does not begin like a pickle of protocol 2 to 5"));
  EXPECT_THAT(refusal("id,text\n"s), HasSubstr("pickle.dump(data, file, protocol=4)"));
  EXPECT_THAT(refusal("\x80\x06N."s), EndsWith("it is of pickle protocol 6, and 2 to 5 are read"));
  EXPECT_THAT(refusal("\x80\x01N."s), HasSubstr("protocol 1"));
  EXPECT_THAT(refusal("\x80"s), HasSubstr("protocol 0"));
}

TEST(PickleHostile, LengthsAreComparedWithTheFile) {
  const auto cut = HasSubstr("are left: it is cut short");
  EXPECT_THAT(refusal(PickleWriter().raw("X\xff\xff\xff\xff")), cut);
  EXPECT_THAT(refusal(PickleWriter().raw("\x8d").little_endian(UINT64_MAX)), cut);
  EXPECT_THAT(refusal(PickleWriter().raw("\x8e").little_endian(UINT64_MAX)), cut);
  EXPECT_THAT(refusal(PickleWriter().raw("\x96").little_endian(UINT64_MAX)), cut);
  EXPECT_THAT(refusal(PickleWriter().raw("\x95").little_endian(UINT64_MAX)), cut);
  EXPECT_THAT(refusal(PickleWriter().raw("\x8b\xff\xff\xff\x7f")), cut);
  EXPECT_THAT(refusal(PickleWriter().raw("cos")), HasSubstr("it is cut short"));
}

TEST(PickleHostile, AnEmptyStackIsNoticed) {
  for (const std::string_view code :
       {"", "0", "2", "R", "b", "a", "s", "\x85", "\x86", "\x87", "\x94", "q\x01", "\x93", "Q"}) {
    EXPECT_THAT(refusal(PickleWriter().raw(code)), HasSubstr("a value is missing")) << code;
  }
  for (const std::string_view code : {"t", "l", "d", "e", "u", "1"}) {
    EXPECT_THAT(refusal(PickleWriter().none().raw(code)), HasSubstr("a mark is missing")) << code;
  }
  // What lies under a mark is out of reach.
  EXPECT_THAT(refusal(PickleWriter().none().mark().raw("2")), HasSubstr("at byte 4"));
  EXPECT_THAT(refusal(PickleWriter().none().none().mark().raw("\x86")),
              HasSubstr("a value is missing"));
}

TEST(PickleHostile, CollectionsTakeOnlyTheirOwn) {
  EXPECT_THAT(refusal(PickleWriter().number(1).none().raw("a")),
              HasSubstr("it adds items to the number 1"));
  EXPECT_THAT(refusal(PickleWriter().mark().tuple().mark().none().raw("e")),
              HasSubstr("it adds items to a tuple of 0 items"));
  EXPECT_THAT(refusal(PickleWriter().none().mark().raw("u")), HasSubstr("it sets keys of None"));
  EXPECT_THAT(refusal(PickleWriter().mark().none().dict()), HasSubstr("a key has no value"));
  EXPECT_THAT(refusal(PickleWriter().get(3)), HasSubstr("refers to value 3, which has not come"));
  EXPECT_THAT(refusal(PickleWriter().number(1).mark().raw("\x90")),
              HasSubstr("it adds items to the number 1"));
}

TEST(PickleHostile, CallsTakeOnlyFunctionsAndTuples) {
  EXPECT_THAT(refusal(PickleWriter().number(1).mark().tuple().call()),
              HasSubstr("it calls the number 1, which is not a function"));
  EXPECT_THAT(refusal(PickleWriter().global("numpy", "ndarray").mark().tuple().call()),
              HasSubstr("it calls numpy.ndarray, which is not a function"));
  EXPECT_THAT(refusal(PickleWriter().global("numpy", "dtype").text("f4").call()),
              HasSubstr("and a tuple is expected"));
  EXPECT_THAT(refusal(PickleWriter().global("numpy", "dtype").mark().tuple().call()),
              HasSubstr("it calls dtype with 0 arguments"));
  EXPECT_THAT(refusal(PickleWriter().number(1).none().build()), HasSubstr("the state of a NumPy"));
  EXPECT_THAT(refusal(PickleWriter().number(1).mark().tuple().build()),
              HasSubstr("it sets the state of the number 1, which has none"));
}

TEST(PickleHostile, ArraysOfOtherTypesSayTheirName) {
  const std::pair<const char*, const char*> types[] = {
      {"c8", "complex64"},   {"f16", "float128"},           {"M8", "datetime64"},
      {"m8", "timedelta64"}, {"V16", "void (with fields)"}, {"i3", "i3"},
      {"b2", "b2"}};
  for (const auto& [code, name] : types) {
    EXPECT_EQ(reading(PickleWriter().begin_array(code, {1}).bytes("0123456789abcdef").end_array()),
              "an array of the dtype " + std::string(name));
  }
  for (const char* code :
       {"", "f", "4", "q8", "f-4", "f4x", "f99999999999999999999", "U2147483648"}) {
    EXPECT_EQ(reading(PickleWriter().begin_array(code, {1}).bytes("0123").end_array()),
              "an array of the dtype '" + std::string(code) + "'");
  }
  EXPECT_THAT(refusal(PickleWriter().dtype("f4", '?')), HasSubstr("byte order '?'"));

  PickleWriter fields;
  fields.global("numpy.core.multiarray", "scalar").mark();
  fields.global("numpy", "dtype").mark().text("f8").tuple().call();
  fields.mark().number(3).text("|").none().text("a").none().tuple().build();
  EXPECT_EQ(reading(fields.bytes("01234567").tuple().call()),
            "an array of the dtype void (with fields)");
}

TEST(PickleHostile, SizesOfArraysFit) {
  const auto refuses = [](const std::vector<std::int64_t>& shape, std::string_view contents,
                          std::string_view code = "f4") {
    return refusal(PickleWriter().begin_array(code, shape).bytes(contents).end_array());
  };
  EXPECT_THAT(refuses({2}, "0123"),
              HasSubstr("it holds a NumPy array (2) of 4 bytes an element, and 4 bytes are given"));
  EXPECT_THAT(refuses({1}, "01234"), HasSubstr("5 bytes are given"));
  EXPECT_THAT(refuses({0}, "0123"), HasSubstr("4 bytes are given"));
  EXPECT_THAT(refuses({-1}, "0123"), HasSubstr("negative extent"));
  EXPECT_THAT(refuses({1LL << 50}, ""), HasSubstr("0 bytes are given"));
  EXPECT_THAT(refuses({1LL << 40, 1LL << 40}, ""), HasSubstr("more elements than can be counted"));
  EXPECT_THAT(refuses({1LL << 40}, "", "U0"), HasSubstr("0 bytes an element"));
  EXPECT_THAT(refuses(std::vector<std::int64_t>(65, 1), "0123"), HasSubstr("65 dimensions"));
  EXPECT_THAT(refusal(PickleWriter().begin_array("O8", {3}).mark().none().list().end_array()),
              HasSubstr("an array of objects (3) and gives 1"));
  EXPECT_THAT(refusal(PickleWriter().begin_array("O8", {1}).bytes("x").end_array()),
              HasSubstr("the list of an array's objects is expected"));
  EXPECT_THAT(refusal(PickleWriter().begin_array("f4", {1}).none().end_array()),
              HasSubstr("the bytes of an array is expected, and None is given"));
}

TEST(PickleHostile, ArraysComeOnce) {
  PickleWriter writer = PickleWriter().array<float>("f4", {1}, {0});
  writer.mark().number(1).shape({1}).dtype("f4").boolean(false).bytes("0123").tuple().build();
  EXPECT_THAT(refusal(writer), HasSubstr("it sets the state of an array f32 (1), which has none"));
}

// What is no UTF-8 comes as bytes, and a reader of texts puts U+FFFD in its place.
TEST(PickleHostile, CharactersThatDoNotExistAreKeptApart) {
  const auto first = [](const Document& document) {
    const Value* item = document.root().as<Objects>()->items.at(0);
    const auto* bytes = item->as<Bytes>();
    return bytes == nullptr ? "" : repaired_utf8(text_of(bytes->data.view));
  };
  const auto characters = [&](std::string_view utf32) {
    return first(parse(PickleWriter().begin_array("U2", {1}).bytes(utf32).end_array().finish()));
  };
  EXPECT_EQ(characters("a\0\0\0\xff\xff\xff\x7f"s), "a\uFFFD");
  EXPECT_EQ(characters("\x00\xd8\x00\x00z\0\0\0"s), "\uFFFDz");
  const Document half = parse(PickleWriter().text("a\xed\xb2\x96z\xc3").finish());
  ASSERT_NE(half.root().as<Bytes>(), nullptr);
  EXPECT_EQ(repaired_utf8(text_of(half.root().as<Bytes>()->data.view)), "a\uFFFDz\uFFFD");
}

TEST(PickleHostile, EncodingsAreLatin1) {
  const auto encode = [](std::string_view text, std::string_view encoding) {
    return PickleWriter()
        .global("_codecs", "encode")
        .mark()
        .text(text)
        .text(encoding)
        .tuple()
        .call();
  };
  EXPECT_THAT(refusal(encode("a", "zip")), HasSubstr("as 'zip', and only latin1"));
  EXPECT_THAT(refusal(encode("日", "latin1")), HasSubstr("does not fit"));
  EXPECT_THAT(
      refusal(PickleWriter().global("builtins", "bytes").mark().number(1 << 30).tuple().call()),
      HasSubstr("only b'' is made so"));
}

TEST(PickleHostile, NestingIsNoDanger) {
  constexpr int kDepth = 1'000'000;
  std::string deep;
  for (int i = 0; i < kDepth; ++i) deep += "\x85";
  parse(PickleWriter().none().raw(deep).finish());  // ((((... None ...))))
  deep.assign(kDepth, ']');
  deep.append(kDepth - 1, 'a');
  parse(PickleWriter().raw(deep).finish());  // [[[[...]]]]
  deep.assign(kDepth, '(');
  EXPECT_THAT(refusal(PickleWriter().raw(deep)), HasSubstr("a value is missing"));
}

TEST(PickleHostile, CyclesAreNoDanger) {
  const Document list = parse(PickleWriter().raw("]").put(0).get(0).raw("a").finish());
  EXPECT_EQ(list.root().as<List>()->items.at(0), &list.root());
  EXPECT_EQ(describe(list.root()), "a list of 1 items");
  const Document dict = parse(PickleWriter().raw("}").put(0).text("me").get(0).raw("s").finish());
  EXPECT_EQ(dict.root().as<Dict>()->find("me"), &dict.root());
}

// Each level names the one below twice: 2^5000 leaves, in 5000 lists.
TEST(PickleHostile, SharingStaysShared) {
  PickleWriter writer;
  writer.number(1);
  for (int i = 0; i < 5000; ++i) writer.put(0).mark().get(0).get(0).list();
  EXPECT_EQ(describe(parse(writer.finish()).root()), "a list of 2 items");
}

// A megabyte that is named often, and should be copied each time.
TEST(PickleHostile, CopiesAreBounded) {
  constexpr int kTimes = 2000;
  const std::string megabyte(1 << 20, 'x');
  PickleWriter encode;
  encode.mark().text(megabyte).text("latin1").tuple().put(0);
  for (int i = 0; i < kTimes; ++i) encode.global("_codecs", "encode").get(0).call();
  EXPECT_THAT(refusal(encode), HasSubstr("far more memory than a file of its size should need"));

  PickleWriter swap;
  swap.bytes(megabyte).put(0).dtype("f4", '>').put(1).shape({1 << 18}).put(2);
  swap.mark().get(0).get(1).get(2).text("C").tuple().put(3);
  for (int i = 0; i < kTimes; ++i) swap.global("numpy.core.numeric", "_frombuffer").get(3).call();
  EXPECT_THAT(refusal(swap), HasSubstr("far more memory"));

  PickleWriter values;
  values.raw(std::string(10'000'000, ']'));
  EXPECT_THAT(refusal(values), HasSubstr("far more memory"));
}

TEST(PickleHostile, EveryTruncationIsNoticed) {
  for (const char* name : {"values_numpy1_protocol2.pkl", "values_numpy2_protocol4.pkl",
                           "values_numpy2_protocol5.pkl"}) {
    const std::string whole = contents_of(data_file(name));
    ASSERT_FALSE(whole.empty());
    for (std::size_t length = 0; length < whole.size(); ++length) {
      EXPECT_THROW(parse(whole.substr(0, length)), trine::Error) << name << " " << length;
    }
  }
}

}  // namespace
}  // namespace formats
