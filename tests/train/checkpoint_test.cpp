#include "dmd/checkpoint/checkpoint.h"
#include "dmd/models/registry.h"
#include "dmd/runtime/inference.h"

#include <gmock/gmock.h>

#include "engine/io/safetensors.h"
#include "tests/formats/torch_writer.h"
#include "tests/support/arena_arrays.h"
#include "tests/support/errors.h"
#include "tests/train/small_run.h"

namespace small_run {
namespace {

namespace io = trine::io;
using dmd::Checkpoint;
using dmd::error_of;
using dmd::TemporaryFolder;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// A layer of weight (2, 3) and bias (2), and a unit of one parameter.
dmd::Declaration small_declaration() {
  dmd::Declaration declared;
  declared.model = &dmd::find_model("dmd");
  declared.store.declare("fc.weight", {2, 3}, trine::nn::kZeros);
  declared.store.declare("fc.bias", {2}, trine::nn::kZeros);
  declared.store.declare("homo.W_edge.bias", {1}, trine::nn::kZeros);
  return declared;
}

io::NamedArrays small_arrays() {
  return {{"fc.weight", io::Array::from(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3})},
          {"fc.bias", io::Array::from(std::vector<float>{7, 8}, {2})},
          {"homo.W_edge.bias", io::Array::from(std::vector<float>{9}, {1})}};
}

Checkpoint of(io::NamedArrays arrays) {
  return {.file = "some.safetensors", .arrays = std::move(arrays)};
}

TEST(TrainingState, SurvivesBeingWritten) {
  dmd::TrainingState state{.epoch = 4,
                           .batches_done = 3,
                           .batches_seen = 4'000'000'000u,
                           .updates = 17,
                           .accumulated = 2,
                           .plateau = {.learning_rate = 0.1 + 0.2, .bad_measurements = 3},
                           .best = {.loss = 1.0 / 3.0, .epoch = 2},
                           .loss_sums = {{"total", 1e-17}, {"task", 12.3456789012345678}},
                           .seconds = 1.5,
                           .earlier_seconds = 20};
  state.data = {.source = "a \"file\"", .train = 37, .valid = 11, .test = 6};
  state.data.sizes = {.feature_dims = {6, 5, 4}, .seq_lens = {5, 6, 7}};

  const dmd::TrainingState read = dmd::training_state_from_json(to_json(state), "here");
  EXPECT_EQ(to_json(read), to_json(state));
  EXPECT_EQ(read.plateau, state.plateau);  // with its best still infinite
  EXPECT_EQ(read.loss_sums, state.loss_sums);
  EXPECT_EQ(read.best.loss, 1.0 / 3.0);
  EXPECT_EQ(read.batches_seen, 4'000'000'000u);
  EXPECT_EQ(read.data.sizes, state.data.sizes);
}

TEST(TrainingState, RefusesWhatItDidNotWrite) {
  const dmd::TrainingState state;
  std::string no_epoch = to_json(state);
  no_epoch.replace(no_epoch.find("\"epoch\":1"), 9, "\"epoch\":0");
  for (const std::string& text : {std::string("{"), std::string("{}"), std::string("[]"), no_epoch})
    EXPECT_THAT(error_of([&] { dmd::training_state_from_json(text, "last.safetensors"); }),
                AllOf(HasSubstr("last.safetensors"), HasSubstr("damaged")));
}

TEST(Arena, HoldsWhatWasAppended) {
  const dmd::Declaration declared = small_declaration();
  const trine::nn::ParameterStore& store = declared.store;
  const std::vector<float> arena = arena_from(of(small_arrays()), declared);
  const auto at = [&](const char* name) {
    return arena.at(static_cast<std::size_t>(store.find(name)->offset));
  };
  EXPECT_EQ(at("fc.weight"), 1);
  EXPECT_EQ(at("fc.bias"), 7);
  EXPECT_EQ(at("homo.W_edge.bias"), 9);

  const io::NamedArrays arrays = dmd::arrays_of(store, "adam.m.", arena);
  EXPECT_EQ(arrays.at(0).name, "adam.m.fc.weight");
  EXPECT_EQ(arrays.at(0).array.shape(), (io::Extents{2, 3}));
  EXPECT_THAT(arrays.at(1).array.to_f32(), ElementsAre(7, 8));
  EXPECT_EQ(arena_from(of(arrays), declared, "adam.m."), arena);
}

TEST(Arena, NamesAParameterOfAnotherShape) {
  io::NamedArrays arrays = small_arrays();
  arrays[0].array = io::Array::from(std::vector<float>(8), {2, 4});
  EXPECT_THAT(error_of([&] { arena_from(of(arrays), small_declaration()); }),
              AllOf(HasSubstr("some.safetensors"), HasSubstr("'fc.weight' has shape (2, 4)"),
                    HasSubstr("this model's has (2, 3)"), HasSubstr("another width")));
}

TEST(Arena, NamesWhatIsMissingOrUnknown) {
  io::NamedArrays arrays = small_arrays();
  arrays.erase(arrays.begin());
  EXPECT_THAT(error_of([&] { arena_from(of(arrays), small_declaration()); }),
              AllOf(HasSubstr("no 'fc.weight'"), HasSubstr("(2, 3)"), HasSubstr("nlevels")));
  arrays = small_arrays();
  arrays.push_back({"fc2.bias", io::Array::from(std::vector<float>{1}, {1})});
  EXPECT_THAT(error_of([&] { arena_from(of(arrays), small_declaration()); }),
              AllOf(HasSubstr("'fc2.bias' (1)"), HasSubstr("does not have")));
}

TEST(Arena, LeavesAUnitThatTheFileDoesNotHoldZero) {
  io::NamedArrays arrays = small_arrays();
  arrays.pop_back();
  const Checkpoint checkpoint = of(arrays);
  const std::vector<dmd::OutputInfo> outputs{{.name = "edges", .needs = "homo."}, {.name = "head"}};
  EXPECT_EQ(outputs_in(checkpoint, outputs).size(), 1u);
  EXPECT_EQ(outputs_in(of(small_arrays()), outputs).size(), 2u);
  const dmd::Declaration declared = small_declaration();
  const auto at = static_cast<std::size_t>(declared.store.find("homo.W_edge.bias")->offset);
  EXPECT_EQ(arena_from(checkpoint, declared).at(at), 0);
}

TEST(Checkpoint, SurvivesBeingWritten) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "best.safetensors";
  dmd::write_checkpoint(file, config(), "where it stands", sources_of(small_arrays()));
  for (const auto& path : {file, file.parent_path()}) {
    const Checkpoint read = dmd::read_checkpoint(path);
    EXPECT_EQ(read.config, config());
    EXPECT_EQ(read.training, "where it stands");
    EXPECT_EQ(read.arrays.size(), 3u);
  }
}

TEST(Checkpoint, MayBeAnySafetensorsFileOfParameters) {
  const TemporaryFolder folder;
  io::NamedArrays arrays = small_arrays();
  arrays.push_back({"trans_l_mem.version", io::Array::from(std::vector<float>{2}, {1})});
  io::write_safetensors(folder / "mosi.safetensors", arrays, {{"format", "pt"}});
  const Checkpoint read = dmd::read_checkpoint(folder / "mosi.safetensors");
  EXPECT_FALSE(read.config);
  EXPECT_FALSE(read.training);
  EXPECT_EQ(read.arrays.size(), 3u);
}

// A state dict of one parameter of two elements and the marker that the authors' modules keep.
std::string state_dict(std::string_view name, std::vector<float> values) {
  formats::PickleWriter pickle(2);
  pickle.mark().text(name);
  add_tensor(pickle, {.key = "0", .storage_size = 2, .shape = {2}, .strides = {1}});
  pickle.text("trans_l_mem.version");
  add_tensor(pickle, {.key = "1", .storage_size = 1, .shape = {1}, .strides = {1}});
  return make_checkpoint(pickle.dict(),
                         {formats::raw_bytes(values), formats::raw_bytes(std::vector<float>{2})});
}

TEST(Checkpoint, MayBeThreeStateDictsOfPyTorch) {
  const TemporaryFolder folder;
  dmd::write_contents(folder / "model.pth", state_dict("fc.bias", {1, 2}));
  dmd::write_contents(folder / "homo.pth", state_dict("W_edge.bias", {3, 4}));
  dmd::write_contents(folder / "hetero.pth", state_dict("W_edge.bias", {5, 6}));
  for (const auto& path : {folder / "model.pth", (folder / "model.pth").parent_path()}) {
    const Checkpoint read = dmd::read_checkpoint(path);
    ASSERT_EQ(read.arrays.size(), 3u);
    EXPECT_EQ(read.arrays[0].name, "fc.bias");
    EXPECT_EQ(read.arrays[1].name, "homo.W_edge.bias");
    EXPECT_THAT(read.arrays[1].array.to_f32(), ElementsAre(3, 4));
    EXPECT_EQ(read.arrays[2].name, "hetero.W_edge.bias");
    EXPECT_FALSE(read.config);
  }
  std::filesystem::remove(folder / "homo.pth");
  EXPECT_EQ(dmd::read_checkpoint(folder / "model.pth").arrays.size(), 2u);
}

TEST(Checkpoint, RefusesAnotherVersion) {
  const TemporaryFolder folder;
  io::write_safetensors(folder / "new.safetensors", small_arrays(),
                        {{"format", "dmd.checkpoint"}, {"version", "2"}});
  EXPECT_THAT(error_of([&] { dmd::read_checkpoint(folder / "new.safetensors"); }),
              AllOf(HasSubstr("version 2"), HasSubstr("version 1")));
}

TEST(Checkpoint, NeedsAFileInTheFolder) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { dmd::read_checkpoint((folder / "x").parent_path()); }),
              HasSubstr("holds no checkpoint"));
}

TEST(LoadModel, WantsExactlyOneConfiguration) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  train(config(), files, after(1));
  const dmd::InputSizes sizes = dmd::input_sizes(data().train);
  const auto load = [&](const Checkpoint& checkpoint, const std::optional<Config>& given) {
    return dmd::load_model(checkpoint, dmd::inference_config(checkpoint, given), sizes,
                           trine::make_cpu_backend(1));
  };

  Checkpoint last = dmd::read_checkpoint(files.last());
  EXPECT_EQ(load(last, std::nullopt).config(), config());
  EXPECT_THAT(error_of([&] { load(last, config()); }), HasSubstr("its own configuration"));
  last.config.reset();
  EXPECT_EQ(load(last, config()).config(), config());
  EXPECT_THAT(error_of([&] { load(last, std::nullopt); }), HasSubstr("--config"));
}

}  // namespace
}  // namespace small_run
