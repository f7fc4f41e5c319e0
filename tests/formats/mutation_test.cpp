// Small good files with small damage, thousands of them: a reader gives a value or throws
// trine::Error. Anything else (another exception, a crash, a sanitizer's complaint) fails.
#include <gtest/gtest.h>

#include "dmd/data/feature_file.h"
#include "engine/io/compression.h"
#include "engine/io/pickle.h"
#include "engine/io/safetensors.h"
#include "engine/io/shards.h"
#include "engine/io/torch_file.h"
#include "tests/formats/feature_writer.h"
#include "tests/formats/mutants.h"
#include "tests/formats/packer.h"
#include "tests/formats/test_files.h"
#include "tests/formats/torch_writer.h"

namespace formats {
namespace {

using namespace trine::io;

void look_at(const NamedArrays& arrays) {
  for (const NamedArray& entry : arrays) {
    ASSERT_EQ(entry.array.to_f32().size(), static_cast<std::size_t>(entry.array.size()));
  }
}

TEST(Mutation, Pickles) {
  const auto read = [](const std::string& text) {
    EXPECT_FALSE(describe(pickle::read(shared(text), "x").root()).empty());
  };
  const std::string donor = contents_of(data_file("values_numpy1_protocol2.pkl"));
  for (const char* name : {"values_numpy1_protocol2.pkl", "values_numpy1_protocol3.pkl",
                           "values_numpy2_protocol4.pkl", "values_numpy2_protocol5.pkl"}) {
    // Damage inside an array or a string is no damage to the pickle.
    EXPECT_GT(survivors(contents_of(data_file(name)), donor, read), 0);
  }
}

TEST(Mutation, Safetensors) {
  const TemporaryFolder folder;
  write_safetensors(folder / "x",
                    {{"a", Array::from(std::vector<float>{1, 2}, {2})},
                     {"b", Array::from(std::vector<std::uint8_t>{1, 2, 3, 4}, {2, 2})},
                     {"c", Array::from(std::vector<std::int64_t>{}, {3, 0})}},
                    {{"key", "value"}});
  const std::string good = contents_of(folder / "x");
  survivors(good, good,
            [](const std::string& text) { look_at(parse_safetensors(shared(text), "x").arrays); });
}

std::string small_checkpoint() {
  PickleWriter writer(2);
  writer.mark().text("w");
  add_tensor(writer, {.storage_size = 6, .shape = {3, 2}, .strides = {1, 3}}).text("b");
  add_tensor(
      writer,
      {.storage = "LongStorage", .key = "1", .storage_size = 2, .shape = {2}, .strides = {1}});
  return writer.dict().finish();
}

TEST(Mutation, Checkpoints) {
  const ZipEntries storages{{"m/data/0", raw_bytes<float>({1, 2, 3, 4, 5, 6})},
                            {"m/data/1", raw_bytes<std::int64_t>({7, 8})}};
  const auto with_pickle = [&](const std::string& text) {
    ZipEntries entries{{"m/data.pkl", text}};
    entries.insert(entries.end(), storages.begin(), storages.end());
    return make_zip(entries);
  };
  const std::string pickle = small_checkpoint();
  const std::string whole = with_pickle(pickle);
  // The archive's own structure, then the pickle in it behind a good checksum.
  survivors(whole, whole,
            [](const std::string& text) { look_at(parse_torch_file(shared(text), "x").arrays); });
  survivors(pickle, pickle, [&](const std::string& text) {
    look_at(parse_torch_file(shared(with_pickle(text)), "x").arrays);
  });
}

TEST(Mutation, CheckpointsOfTheOldFormat) {
  PickleWriter pickle(2);
  pickle.mark().text("w");
  add_tensor(pickle, {.storage_size = 6, .shape = {3, 2}, .strides = {1, 3}}).text("b");
  add_tensor(pickle, {.key = "1", .storage_size = 2, .shape = {2}, .strides = {1}}).dict();
  const std::string good =
      make_legacy(pickle, {raw_bytes<float>({1, 2, 3, 4, 5, 6}), raw_bytes<float>({7, 8})});
  survivors(good, good,
            [](const std::string& text) { look_at(parse_torch_file(shared(text), "x").arrays); });
}

TEST(Mutation, PicklesWithTensors) {
  PickleWriter pickle;
  pickle.mark().text("w");
  add_inline_tensor(pickle, {1, 2, 3, 4, 5, 6}, {3, 2}, {1, 3}).text("v");
  pickle.array<float>("f4", {2}, {7, 8}).text("state_dict").mark().dict().dict();
  const std::string good = pickle.finish();
  survivors(good, good,
            [](const std::string& text) { look_at(parse_torch_file(shared(text), "x").arrays); });
}

TEST(Mutation, IndexesOfShards) {
  const std::string good =
      R"({"metadata": {"total_size": 8}, "weight_map": {"a.weight": "model-1.safetensors",)"
      R"( "b.weight": "model-2.safetensors", "c.bias": "model-2.safetensors"}})";
  survivors(good, good, [](const std::string& text) {
    for (const auto& [file, tensors] : parse_shard_index(text, "x")) {
      EXPECT_FALSE(file.starts_with('/') || file.starts_with("..")) << file;
      EXPECT_FALSE(tensors.empty());
    }
  });
}

TEST(Mutation, PackedFiles) {
  const std::string text = FeatureFile().bytes();
  for (const std::string& good : {gzip(text), bzip2(text), xz(text)}) {
    survivors(good, good, [](const std::string& packed) {
      const auto compression = compression_of(bytes_of(packed));
      if (compression) unpack(bytes_of(packed), *compression, 1 << 20);
      if (!compression) trine::fail("it is not packed");
    });
  }
}

// Fields as other programs write them: each kind that is read has its turn.
FeatureFile unusual_features() {
  FeatureFile file;
  file.splits["dev"] = file.splits["valid"];
  file.splits.erase("valid");
  Fields& train = file.splits["train"];
  train["audio"] = [](PickleWriter& w) {
    add_inline_tensor(w, {1, 2, 3, 4}, {2, 2, 1}, {1, 2, 1});
  };
  train["vision"] = [](PickleWriter& w) {
    w.mark().array<float>("f4", {1, 2}, {1, 2}).array<double>("f8", {1, 2}, {3, 4}).list();
  };
  train["id"] = [](PickleWriter& w) {
    w.mark().mark().text("v").number(1).tuple().array<std::int32_t>("i4", {2}, {1, 2}).list();
  };
  train["raw_text"] = [](PickleWriter& w) { w.mark().bytes("\xff").none().list(); };
  train["regression_labels"] = strings({"1", "-2.5"});
  train["frame"] = [](PickleWriter& w) {
    w.global("pandas", "DataFrame").mark().tuple().raw("\x81").mark().dict().build();
  };
  file.splits["test"].erase("id");
  file.splits["test"]["audio"] = [](PickleWriter& w) {
    w.global("joblib.numpy_pickle", "NumpyArrayWrapper").mark().tuple().raw("\x81");
    w.mark().text("shape").shape({2, 2, 1}).text("order").text("C").text("dtype").dtype("f4");
    w.text("numpy_array_alignment_bytes").number(16).dict().build();
    w.raw("\x02\xff\xff").raw(raw_bytes<float>({1, 2, 3, 4}));
  };
  return file;
}

TEST(Mutation, FeatureFilesOfOtherPrograms) {
  const TemporaryFolder folder;
  const std::string good = unusual_features().bytes();
  for (const bool strict : {true, false}) {
    survivors(good, good, [&](const std::string& text) {
      write_contents(folder / "x", text.empty() ? " " : text);
      const dmd::Dataset data =
          dmd::read_feature_file(folder / "x", {.need_labels = strict, .need_all_splits = strict});
      EXPECT_EQ(data.train.ids.size(), data.train.labels.size());
    });
  }
}

// Labels of every task, of which a mutant has each or none.
TEST(Mutation, FeatureFilesOfEveryTask) {
  const TemporaryFolder folder;
  FeatureFile file;
  for (auto& [name, fields] : file.splits) {
    fields["classification_labels"] = strings({"happy", "sad"});
    fields["labels"] = floats({2, 4, 2}, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
  }
  const std::string good = file.bytes();
  for (const dmd::FeatureOptions& options :
       {dmd::FeatureOptions{.task = dmd::Task::classification},
        dmd::FeatureOptions{.task = dmd::Task::emotion},
        dmd::FeatureOptions{.need_labels = false, .need_all_splits = false, .every_label = true}}) {
    survivors(good, good, [&](const std::string& text) {
      write_contents(folder / "x", text.empty() ? " " : text);
      const dmd::Dataset data = dmd::read_feature_file(folder / "x", options);
      EXPECT_EQ(static_cast<std::int64_t>(data.train.ids.size()), data.train.size());
      if (!data.train.classes.empty()) {
        EXPECT_EQ(data.train.ids.size(), data.train.classes.size());
      }
    });
  }
}

TEST(Mutation, FeatureFiles) {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& text) {
    write_contents(folder / "x", text.empty() ? " " : text);
    const dmd::Dataset data = dmd::read_feature_file(folder / "x");
    EXPECT_EQ(data.train.ids.size(), data.train.labels.size());
  };
  const std::string good = FeatureFile().bytes();
  survivors(good, good, read);
  survivors(contents_of(data_file("features_numpy2_protocol4.pkl")), good, read);
  dmd::write_feature_file(dmd::read_feature_file(data_file("features_numpy1_protocol4.pkl")),
                          folder / "x.safetensors");
  survivors(contents_of(folder / "x.safetensors"), good, read);
}

}  // namespace
}  // namespace formats
