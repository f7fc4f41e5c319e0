// Weights in several files: what is put together, and indexes that do not fit their files.
#include "engine/io/shards.h"

#include <gmock/gmock.h>

#include "engine/io/safetensors.h"
#include "tests/formats/test_files.h"
#include "tests/formats/torch_writer.h"

namespace formats {
namespace {

using namespace trine::io;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class Shards : public testing::Test {
 protected:
  Shards() {
    write_safetensors(folder_ / "a.safetensors",
                      {{"x", Array::from(Floats{1, 2}, {2})}, {"y", Array::from(Floats{3}, {1})}});
    write_safetensors(folder_ / "b.safetensors", {{"z", Array::from(Floats{4}, {1})}});
    index(R"({"metadata": {"total_size": 16}, "weight_map": {"x": "a.safetensors",)"
          R"( "y": "a.safetensors", "z": "b.safetensors"}})");
  }

  void index(std::string_view text) { write_contents(file(), text); }
  std::filesystem::path file() const { return folder_ / "model.safetensors.index.json"; }
  std::string refusal() {
    return error_of([&] { read_shards(file()); });
  }
  std::string refusal(std::string_view text) {
    index(text);
    return refusal();
  }

  using Floats = std::vector<float>;
  TemporaryFolder folder_;
};

TEST_F(Shards, AreReadAsOne) {
  const NamedArrays arrays = read_shards(file());
  ASSERT_EQ(arrays.size(), 3u);
  EXPECT_THAT(find(arrays, "x")->to_f32(), ElementsAre(1, 2));
  EXPECT_THAT(find(arrays, "y")->to_f32(), ElementsAre(3));
  EXPECT_THAT(find(arrays, "z")->to_f32(), ElementsAre(4));
}

TEST_F(Shards, MayBePyTorchFilesOfEitherFormat) {
  PickleWriter now(2), before(2);
  for (PickleWriter* pickle : {&now, &before}) {
    pickle->mark().text(pickle == &now ? "x" : "z");
    add_tensor(*pickle, {.storage_size = 2, .shape = {2}, .strides = {1}}).dict();
  }
  write_contents(folder_ / "1.bin",
                 make_zip({{"m/data.pkl", now.finish()}, {"m/data/0", raw_bytes<float>({1, 2})}}));
  write_contents(folder_ / "2.bin", make_legacy(before, {raw_bytes<float>({3, 4})}));
  index(R"({"weight_map": {"x": "1.bin", "z": "2.bin"}})");
  const NamedArrays arrays = read_shards(file());
  EXPECT_THAT(find(arrays, "x")->to_f32(), ElementsAre(1, 2));
  EXPECT_THAT(find(arrays, "z")->to_f32(), ElementsAre(3, 4));
}

TEST_F(Shards, MustAllBeThere) {
  std::filesystem::remove(folder_ / "b.safetensors");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("index.json lists b.safetensors, which is not beside it"),
                               HasSubstr("get the whole folder")));
}

TEST_F(Shards, MustHoldWhatTheIndexSays) {
  EXPECT_THAT(refusal(R"({"weight_map": {"x": "a.safetensors", "y": "a.safetensors",)"
                      R"( "w": "a.safetensors"}})"),
              AllOf(HasSubstr("a.safetensors has no 'w', which"), HasSubstr("index.json")));
  EXPECT_THAT(refusal(R"({"weight_map": {"x": "a.safetensors"}})"),
              AllOf(HasSubstr("a.safetensors holds 'y', which"), HasSubstr("does not list")));
}

TEST_F(Shards, StayInTheirFolder) {
  std::filesystem::create_directory(folder_ / "inside");
  for (const char* path :
       {"../a.safetensors", "/etc/passwd", "inside/../../a.safetensors", "", ".", "inside/", ".."})
    EXPECT_THAT(refusal(fmt::format(R"({{"weight_map": {{"x": "{}"}}}})", path)),
                HasSubstr("files of its own folder are expected"))
        << path;
  std::filesystem::rename(folder_ / "b.safetensors", folder_ / "inside/b.safetensors");
  index(R"({"weight_map": {"z": "inside/b.safetensors"}})");
  EXPECT_EQ(read_shards(file()).size(), 1u);
}

TEST_F(Shards, NeedAnIndex) {
  EXPECT_THAT(refusal("{"), HasSubstr("index.json is not valid JSON"));
  for (const char* text : {"[]", "3", "{}", R"({"weight_map": []})", R"({"weight_map": {}})"})
    EXPECT_THAT(refusal(text), HasSubstr("has no weight_map")) << text;
  EXPECT_THAT(refusal(R"({"weight_map": {"x": 1}})"), HasSubstr("no file for 'x'"));
  EXPECT_THAT(refusal(std::string(100'000, '[')), HasSubstr("more than 64 levels deep"));
}

}  // namespace
}  // namespace formats
