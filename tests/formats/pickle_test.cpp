// Pickles as Python and NumPy write them.
#include "engine/io/pickle.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "engine/io/mapped_file.h"
#include "tests/formats/pickle_writer.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

using namespace trine::io;
using namespace trine::io::pickle;
using testing::ElementsAre;
using testing::ElementsAreArray;

template <class T>
const T& as(const Value& value) {
  const T* found = value.as<T>();
  if (found == nullptr) trine::fail("the test meets {}", describe(value));
  return *found;
}

std::vector<std::int64_t> integers(const Value& value) {
  std::vector<std::int64_t> out;
  for (const Value* item : as<List>(value).items) out.push_back(as<std::int64_t>(*item));
  return out;
}

std::vector<std::string> texts(const Objects& objects) {
  std::vector<std::string> out;
  for (const Value* item : objects.items) out.push_back(text_in(*item).value());
  return out;
}

// What make.py's values() holds, written by NumPy 1 or 2 with protocol 2 to 5.
class PythonPickle : public testing::TestWithParam<std::tuple<int, int>> {
 protected:
  PythonPickle()
      : document_(
            read(map_file(data_file(fmt::format("values_numpy{}_protocol{}.pkl",
                                                std::get<0>(GetParam()), std::get<1>(GetParam())))),
                 "values")) {}

  const Value& at(std::string_view key) const {
    const Value* found = as<Dict>(document_.root()).find(key);
    if (found == nullptr) trine::fail("the pickle has no {}", key);
    return *found;
  }
  // An array (2, 3) of 0 to 5 of the given type.
  void expect_numbers(std::string_view key, ElementType type) const {
    const Array& array = as<Array>(at(key));
    EXPECT_EQ(array.type(), type) << key;
    EXPECT_EQ(array.shape(), (Extents{2, 3})) << key;
    EXPECT_THAT(array.to_f64(), ElementsAre(0, 1, 2, 3, 4, 5)) << key;
  }

  Document document_;
};

TEST_P(PythonPickle, HoldsPlainValues) {
  EXPECT_NE(at("none").as<None>(), nullptr);
  const auto& booleans = as<List>(at("booleans")).items;
  EXPECT_TRUE(as<bool>(*booleans.at(0)));
  EXPECT_FALSE(as<bool>(*booleans.at(1)));
  EXPECT_THAT(integers(at("integers")),
              ElementsAre(0, 255, 256, 65535, 65536, -1, 2147483647, -2147483648LL, 1LL << 40,
                          -(1LL << 40), INT64_MAX));
  const auto& floats = as<List>(at("floats")).items;
  EXPECT_EQ(as<double>(*floats.at(0)), 1.5);
  EXPECT_TRUE(std::signbit(as<double>(*floats.at(1))));
  EXPECT_EQ(as<double>(*floats.at(2)), std::numeric_limits<double>::infinity());
  EXPECT_EQ(as<double>(*floats.at(3)), 1e300);
}

TEST_P(PythonPickle, HoldsTexts) {
  EXPECT_EQ(as<std::string>(at("text")), "plain");
  EXPECT_EQ(as<std::string>(at("unicode")), "äß 日本 🙂");
  EXPECT_EQ(as<std::string>(at("long text")), std::string(300, 'x'));
  using namespace std::string_literals;
  EXPECT_EQ(trine::io::text_of(as<Bytes>(at("bytes")).data.view), "\x00\x7f\x80\xff"s);
  EXPECT_EQ(as<Bytes>(at("no bytes")).data.size(), 0u);
}

TEST_P(PythonPickle, HoldsCollections) {
  const auto& tuples = as<List>(at("tuples")).items;
  ASSERT_EQ(tuples.size(), 5u);
  for (std::size_t i = 0; i < tuples.size(); ++i) {
    EXPECT_EQ(as<List>(*tuples[i]).kind, List::Kind::tuple);
    EXPECT_EQ(as<List>(*tuples[i]).items.size(), i);
  }
  EXPECT_THAT(integers(*tuples[4]), ElementsAre(1, 2, 3, 4));
  const Value& inner = *as<Dict>(at("dict")).find("a");
  EXPECT_THAT(integers(*as<Dict>(inner).find("b")), ElementsAre(1));
  const auto& ordered = as<Dict>(at("ordered")).items;
  ASSERT_EQ(ordered.size(), 2u);
  EXPECT_EQ(as<std::string>(*ordered[0].first), "z");
  EXPECT_EQ(as<std::string>(*ordered[1].first), "a");
}

TEST_P(PythonPickle, SharesWhatWasShared) {
  const auto& twice = as<List>(at("twice")).items;
  ASSERT_EQ(twice.size(), 2u);
  EXPECT_EQ(twice[0], twice[1]);
}

TEST_P(PythonPickle, HoldsArraysOfEveryNumericType) {
  expect_numbers("f2", ElementType::f16);
  expect_numbers("f4", ElementType::f32);
  expect_numbers("f8", ElementType::f64);
  expect_numbers("i4", ElementType::i32);
  expect_numbers("i8", ElementType::i64);
  expect_numbers("u1", ElementType::u8);
  expect_numbers("u8", ElementType::u64);
  EXPECT_EQ(as<Array>(at("i1")).type(), ElementType::i8);
  EXPECT_THAT(as<Array>(at("i1")).to_i32(), ElementsAre(-3, -2, -1, 0, 1, 2));
  EXPECT_EQ(as<Array>(at("bool")).type(), ElementType::boolean);
  EXPECT_THAT(as<Array>(at("bool")).to_i32(), ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST_P(PythonPickle, ArraysBecomeRowMajorAndNative) {
  expect_numbers("big f4", ElementType::f32);
  expect_numbers("big i2", ElementType::i16);
  expect_numbers("fortran", ElementType::f32);
  expect_numbers("big fortran", ElementType::f64);
  EXPECT_THAT(as<Array>(at("slice")).to_f32(), ElementsAre(0, 2, 4, 6, 8, 10));
}

TEST_P(PythonPickle, HoldsArraysOfUnusualShape) {
  EXPECT_EQ(as<Array>(at("empty")).shape(), (Extents{0, 3}));
  EXPECT_EQ(as<Array>(at("one")).shape(), Extents{});
  EXPECT_THAT(as<Array>(at("one")).to_f32(), ElementsAre(3.5f));
}

TEST_P(PythonPickle, HoldsArraysOfTextAndObjects) {
  EXPECT_EQ(as<Objects>(at("strings")).shape, (Extents{2, 2}));
  EXPECT_THAT(texts(as<Objects>(at("strings"))), ElementsAre("ä", "日本", "", "abc"));
  EXPECT_THAT(texts(as<Objects>(at("big strings"))), ElementsAre("ä", "日本"));
  EXPECT_THAT(texts(as<Objects>(at("byte strings"))), ElementsAre("ab", "c"));
  const Objects& objects = as<Objects>(at("objects"));
  EXPECT_EQ(objects.shape, (Extents{2, 2}));
  EXPECT_EQ(as<std::string>(*objects.items.at(0)), "x");
  EXPECT_EQ(as<std::int64_t>(*objects.items.at(1)), 1);
  EXPECT_NE(objects.items.at(2)->as<None>(), nullptr);
  EXPECT_EQ(as<double>(*objects.items.at(3)), 2.5);
}

TEST_P(PythonPickle, HoldsScalars) {
  EXPECT_EQ(as<double>(at("scalar f4")), 1.5);
  EXPECT_EQ(as<double>(at("scalar f8")), 2.5);
  EXPECT_EQ(as<std::int64_t>(at("scalar i8")), -7);
  EXPECT_TRUE(as<bool>(at("scalar bool")));
  EXPECT_EQ(as<std::string>(at("scalar text")), "é");
}

std::string version_name(const testing::TestParamInfo<std::tuple<int, int>>& info) {
  return fmt::format("NumPy{}Protocol{}", std::get<0>(info.param), std::get<1>(info.param));
}
INSTANTIATE_TEST_SUITE_P(Versions, PythonPickle,
                         testing::Combine(testing::Values(1, 2), testing::Range(2, 6)),
                         version_name);

Document parse(const std::string& text) { return read(shared(text), "x"); }

TEST(Pickle, LargeArraysAreViewsOfTheFile) {
  const SharedBytes file = shared(PickleWriter().array<float>("f4", {3}, {1, 2, 3}).finish());
  const Document document = read(file, "x");
  const Array& array = as<Array>(document.root());
  EXPECT_THAT(array.to_f32(), ElementsAre(1, 2, 3));
  EXPECT_GE(array.bytes().data(), file.view.data());
  EXPECT_LT(array.bytes().data(), file.view.data() + file.size());
}

TEST(Pickle, ArraysOutliveTheDocument) {
  Array array;
  {
    const Document document = parse(PickleWriter().array<float>("f4", {3}, {1, 2, 3}).finish());
    array = as<Array>(document.root());
  }
  EXPECT_THAT(array.to_f32(), ElementsAre(1, 2, 3));
}

// Python 2 wrote str as bytes, keys included.
TEST(Pickle, ReadsStringsOfPython2) {
  const Document document =
      parse(PickleWriter(2).mark().raw("U\x03key").raw("U\x05value").dict().finish());
  const Value* value = as<Dict>(document.root()).find("key");
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(text_in(*value), "value");
}

TEST(Pickle, TheLaterOfTwoEqualKeysCounts) {
  const Document document =
      parse(PickleWriter().mark().text("a").number(1).text("a").number(2).dict().finish());
  EXPECT_EQ(as<std::int64_t>(*as<Dict>(document.root()).find("a")), 2);
}

TEST(Pickle, StackOpcodes) {
  // ( 1 2 dup pop mark 3 pop-mark mark pop t  ->  (1, 2)
  const Document document = parse(
      PickleWriter().mark().number(1).number(2).raw("20(").number(3).raw("1(0").tuple().finish());
  EXPECT_THAT(integers(document.root()), ElementsAre(1, 2));
}

TEST(Pickle, LongIntegersOfEveryLength) {
  using namespace std::string_literals;
  const Document document = parse(PickleWriter()
                                      .mark()
                                      .raw("\x8a\x00"s)
                                      .raw("\x8a\x01\xff")
                                      .raw("\x8a\x02\xff\x00"s)
                                      .raw("\x8a\x03\x00\x00\x80"s)
                                      .raw("\x8b\x04\x00\x00\x00\x01\x02\x03\x04"s)
                                      .list()
                                      .finish());
  EXPECT_THAT(integers(document.root()), ElementsAre(0, -1, 255, -8388608, 0x04030201));
}

TEST(Pickle, NamesFromTheStackAreResolved) {
  const Document document =
      parse(PickleWriter().text("collections").text("OrderedDict").raw("\x93)R").finish());
  EXPECT_TRUE(as<Dict>(document.root()).items.empty());
}

TEST(Pickle, OrderedDictFromPairs) {
  const Document document = parse(PickleWriter()
                                      .global("collections", "OrderedDict")
                                      .mark()
                                      .mark()
                                      .mark()
                                      .text("k")
                                      .number(5)
                                      .list()
                                      .list()
                                      .tuple()
                                      .call()
                                      .finish());
  EXPECT_EQ(as<std::int64_t>(*as<Dict>(document.root()).find("k")), 5);
}

TEST(Pickle, DescribesItsValues) {
  const Document document = parse(PickleWriter()
                                      .mark()
                                      .none()
                                      .boolean(true)
                                      .number(7)
                                      .number(1.5)
                                      .text("two\nlines")
                                      .bytes("abc")
                                      .mark()
                                      .tuple()
                                      .mark()
                                      .dict()
                                      .array<float>("f4", {1}, {0})
                                      .global("numpy", "dtype")
                                      .dtype("i8")
                                      .list()
                                      .finish());
  std::vector<std::string> described;
  for (const Value* item : as<List>(document.root()).items) described.push_back(describe(*item));
  EXPECT_THAT(described,
              ElementsAre("None", "True", "the number 7", "the number 1.5",
                          "the string 'two?lines'", "3 raw bytes", "a tuple of 0 items",
                          "a dict of 0 items", "an array f32 (1)", "numpy.dtype", "the dtype i8"));
}

}  // namespace
}  // namespace formats
