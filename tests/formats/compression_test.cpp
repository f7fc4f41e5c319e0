// Packed files: whole, in several streams, damaged, and made to fill the memory.
#include "engine/io/compression.h"

#include <functional>

#include <gmock/gmock.h>

#include "dmd/data/feature_file.h"
#include "engine/io/mapped_file.h"
#include "tests/formats/feature_writer.h"
#include "tests/formats/packer.h"
#include "tests/formats/test_files.h"

namespace formats {
namespace {

using namespace trine::io;
using testing::EndsWith;
using testing::HasSubstr;

struct Packer {
  const char* name;
  Compression compression;
  std::string (*pack)(const std::string&);
};

class PackedFile : public testing::TestWithParam<Packer> {
 protected:
  std::string pack(const std::string& text) const { return GetParam().pack(text); }
  std::string unpacked(const std::string& packed, std::size_t most = 1 << 24) const {
    return std::string(text_of(unpack(bytes_of(packed), GetParam().compression, most).view));
  }
  std::string refusal(const std::string& packed, std::size_t most = 1 << 24) const {
    return error_of([&] { unpacked(packed, most); });
  }
};

std::string some_text() {
  std::string text;
  for (std::int64_t i = 0; i < 100'000; ++i) text += std::to_string(i * 7919 % 10007);
  return text;
}

TEST_P(PackedFile, IsKnownAndUnpacked) {
  const std::string text = some_text();
  const std::string packed = pack(text);
  EXPECT_EQ(compression_of(bytes_of(packed)), GetParam().compression);
  EXPECT_EQ(unpacked(packed), text);
  EXPECT_EQ(unpacked(pack("x")), "x");
  EXPECT_EQ(unpacked(pack("")), "");
}

TEST_P(PackedFile, MayHaveSeveralStreamsAndPadding) {
  EXPECT_EQ(unpacked(pack("one ") + pack("two ") + pack("three")), "one two three");
  EXPECT_EQ(unpacked(pack("one") + std::string(512, '\0')), "one");
  EXPECT_NE(refusal(pack("one") + "more"), "");
}

TEST_P(PackedFile, IsMappedUnpacked) {
  const TemporaryFolder folder;
  write_contents(folder / "x", pack("hello"));
  const SharedBytes part = map_file(folder / "x").part(1, 3);
  EXPECT_EQ(text_of(part.view), "ell");
  write_contents(folder / "x", pack(""));
  EXPECT_THAT(error_of([&] { map_file(folder / "x"); }),
              EndsWith("x is not a file that can be read: it is empty once it is unpacked"));
}

TEST_P(PackedFile, FeaturesAreReadFromIt) {
  const TemporaryFolder folder;
  write_contents(folder / "mosi.pkl", pack(FeatureFile().bytes()));
  EXPECT_EQ(dmd::read_feature_file(folder / "mosi.pkl").train.size(), 2);
}

TEST_P(PackedFile, EveryTruncationIsNoticed) {
  const std::string packed = pack(some_text().substr(0, 500));
  for (std::size_t length = 1; length < packed.size(); ++length)
    EXPECT_THAT(refusal(packed.substr(0, length)), HasSubstr("is packed by")) << length;
}

TEST_P(PackedFile, GrowsUpToALimit) {
  const std::string text(3 << 20, 'x');
  EXPECT_EQ(unpacked(pack(text), text.size()).size(), text.size());
  EXPECT_THAT(
      refusal(pack(text), text.size() - 1),
      EndsWith("it unpacks to more than 2 MiB, the most that is read of a packed file of its "
               "size: if it is what it should be, unpack it first"));
  EXPECT_THAT(refusal(pack(text) + pack(text), text.size()), HasSubstr("it unpacks to more than"));
}

INSTANTIATE_TEST_SUITE_P(Packers, PackedFile,
                         testing::Values(Packer{"gzip", Compression::gzip, gzip},
                                         Packer{"bzip2", Compression::bzip2, bzip2},
                                         Packer{"xz", Compression::xz, xz}),
                         [](const auto& test) { return test.param.name; });

TEST(Compression, LimitsGrowWithTheFile) {
  EXPECT_EQ(most_unpacked(0), std::size_t{1} << 30);
  EXPECT_EQ(most_unpacked(100 << 20), (std::size_t{1} << 30) + 32 * (std::size_t{100} << 20));
}

// The length of a header may look like the beginning of any format.
TEST(Compression, SafetensorsAreNeverTakenForPacked) {
  using namespace std::string_literals;
  const std::string header = "\x1f\x8b\x08\0\0\0\0\0"s;
  const std::string file = header + "{" + std::string(0x088b1f, ' ');
  EXPECT_EQ(compression_of(bytes_of(file)), std::nullopt);
  EXPECT_EQ(compression_of(bytes_of("BZh9 and some text")), std::nullopt);
  EXPECT_EQ(compression_of({}), std::nullopt);
}

}  // namespace
}  // namespace formats
