// Training and scoring with a text encoder in front, frozen and trained along.
#include <algorithm>
#include <map>
#include <tuple>

#include <gmock/gmock.h>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/runtime/inference.h"
#include "dmd/runtime/predictions.h"
#include "dmd/text/pretrained.h"
#include "dmd/text/text_features.h"
#include "engine/io/safetensors.h"
#include "tests/formats/torch_writer.h"
#include "tests/support/errors.h"
#include "tests/text_encoder/fixture.h"
#include "tests/train/small_run.h"

namespace small_run {
namespace {

using dmd::Checkpoint;
using dmd::error_of;
using dmd::Split;
using dmd::TemporaryFolder;
using dmd::TextEncoder;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::int64_t kTokens = 6;

// Texts of 3 to 6 tokens.
void add_tokens(Split& split, std::int32_t padding) {
  split.bert = {.n = split.size(), .tokens = kTokens};
  for (std::int64_t i = 0; i < split.size(); ++i)
    for (std::int64_t t = 0; t < kTokens; ++t) {
      const bool real = t < 3 + i % 4;
      split.bert.ids.push_back(real ? static_cast<std::int32_t>(3 + (7 * i + 5 * t) % 57)
                                    : padding);
      split.bert.mask.push_back(real);
      split.bert.segments.push_back(0);
    }
}

Dataset data_with_tokens(const Config& config) {
  const auto padding = static_cast<std::int32_t>(config.text_model->pad_token_id);
  Dataset dataset = data();
  for (Split* split : {&dataset.train, &dataset.valid, &dataset.test}) add_tokens(*split, padding);
  return dataset;
}

Config encoder_config(TextEncoder kind, bool finetune) {
  Config with = config();
  with.feature_dims = with.seq_lens = {};
  with.text_encoder = kind;
  with.text_encoder_path = dmd::encoder_folder(std::string(name_of(kind))).string();
  with.use_finetune = finetune;
  with = dmd::with_text_model(with);
  return dmd::fitted_to(with, dmd::input_sizes(data_with_tokens(with).train, with));
}

Config bert_config(bool finetune) { return encoder_config(TextEncoder::bert, finetune); }

Dataset prepared(const Config& config) {
  Dataset dataset = data_with_tokens(config);
  dmd::prepare_text(dataset, config, trine::make_cpu_backend(1));
  return dataset;
}

Ending train_with_tokens(const Config& config, const RunFolder& folder,
                         const Trainer::StopRequested& stop_requested = go_on) {
  const Dataset dataset = prepared(config);
  DeviceModel on_device = model(config);
  Trainer trainer = Trainer::begin(on_device, dataset, folder);
  return run(trainer, stop_requested);
}

Ending resume_with_tokens(const RunFolder& folder) {
  const Checkpoint last = dmd::read_checkpoint(folder.last());
  const Dataset dataset = prepared(*last.config);
  DeviceModel on_device = model(*last.config);
  Trainer trainer = Trainer::resume(on_device, dataset, folder, last);
  return run(trainer);
}

class WithEncoder : public testing::TestWithParam<std::tuple<TextEncoder, bool>> {
 protected:
  static TextEncoder kind() { return std::get<TextEncoder>(GetParam()); }
  static bool finetune() { return std::get<bool>(GetParam()); }

  Config with_ = encoder_config(kind(), finetune());
  TemporaryFolder folder_;
};

TEST_P(WithEncoder, ResumesBitForBit) {
  const RunFolder whole{folder_ / "whole"}, stopped{folder_ / "stopped"};
  EXPECT_EQ(train_with_tokens(with_, whole), Ending::all_epochs);
  EXPECT_EQ(train_with_tokens(with_, stopped, after(3)), Ending::interrupted);
  EXPECT_EQ(resume_with_tokens(stopped), Ending::all_epochs);
  EXPECT_EQ(measurements(whole), measurements(stopped));
  EXPECT_TRUE(arrays_of(whole.last()) == arrays_of(stopped.last()));
}

// Scoring computes the encoder's features first, and validation in a run has them in the model.
TEST_P(WithEncoder, IsScoredAsInTheRun) {
  const RunFolder files{folder_ / "run"};
  const Dataset dataset = prepared(with_);
  DeviceModel on_device = model(with_);
  Trainer trainer = Trainer::begin(on_device, dataset, files);
  run(trainer);
  const dmd::Predictions in_run = predict(on_device, dataset.test);

  const Checkpoint last = dmd::read_checkpoint(files.last());
  EXPECT_EQ(has_encoder(last), finetune());
  Split split = data_with_tokens(with_).test;
  const Config config = inference_config(last, std::nullopt);
  encode_text(split, last, config, trine::make_cpu_backend(1));
  DeviceModel loaded =
      dmd::load_model(last, config, dmd::input_sizes(split), trine::make_cpu_backend(1));
  EXPECT_THAT(predict(loaded, split).prediction(),
              testing::Pointwise(testing::FloatNear(1e-5f), in_run.prediction()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, WithEncoder,
                         testing::Combine(testing::Values(TextEncoder::bert, TextEncoder::roberta),
                                          testing::Bool()),
                         [](const auto& param) {
                           return std::string(name_of(std::get<TextEncoder>(param.param))) +
                                  (std::get<bool>(param.param) ? "_trained_along" : "_frozen");
                         });

// ---- Parameters alone ----

// As torch.save() writes a state dict.
void write_torch(const std::filesystem::path& file, const trine::io::NamedArrays& arrays) {
  formats::PickleWriter writer;
  std::vector<std::string> keys, storages;
  for (const auto& entry : arrays) {
    keys.push_back(std::to_string(keys.size()));
    storages.emplace_back(trine::io::text_of(entry.array.bytes()));
  }
  writer.global("collections", "OrderedDict").mark().tuple().call().mark();
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const trine::io::Array& array = arrays[i].array;
    const trine::io::Extents& shape = array.shape();
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
    const bool is_whole = array.type() == trine::io::ElementType::i64;
    add_tensor(writer.text(arrays[i].name), {.storage = is_whole ? "LongStorage" : "FloatStorage",
                                             .key = keys[i],
                                             .storage_size = array.size(),
                                             .shape = {shape.begin(), shape.end()},
                                             .strides = strides});
  }
  writer.raw("u");
  dmd::write_contents(file, formats::make_checkpoint(writer, storages));
}

// A checkpoint as the authors' program leaves it: model.pth, homo.pth and hetero.pth.
void write_authors_files(const std::filesystem::path& folder, const trine::io::NamedArrays& all) {
  std::map<std::string, trine::io::NamedArrays> files;
  for (const auto& entry : all) {
    const std::string unit = entry.name.substr(0, entry.name.find('.'));
    if (unit == "homo" || unit == "hetero")
      files[unit].push_back({entry.name.substr(unit.size() + 1), entry.array});
    else
      files["model"].push_back(entry);
  }
  for (const auto& [name, arrays] : files) write_torch(folder / (name + ".pth"), arrays);
}

class ParametersAlone : public testing::TestWithParam<TextEncoder> {
 protected:
  std::vector<float> scores(const Checkpoint& checkpoint, const std::optional<Config>& given) {
    Split split = data_with_tokens(with_).test;
    const Config config = inference_config(checkpoint, given);
    encode_text(split, checkpoint, config, trine::make_cpu_backend(1));
    DeviceModel loaded =
        dmd::load_model(checkpoint, config, dmd::input_sizes(split), trine::make_cpu_backend(1));
    return predict(loaded, split).prediction();
  }

  Config with_ = encoder_config(GetParam(), true);
  TemporaryFolder folder_;
};

// The encoder's parameters are among them, and a buffer of it, as in the authors' checkpoints.
TEST_P(ParametersAlone, AreScoredAsTheirRun) {
  const RunFolder files{folder_ / "run"};
  with_.epochs = 1;
  train_with_tokens(with_, files);
  const Checkpoint last = dmd::read_checkpoint(files.last());
  trine::io::NamedArrays arrays = last.arrays;
  std::erase_if(arrays, [](const auto& entry) { return entry.name.starts_with("adam."); });
  arrays.push_back({"text_model.model.embeddings.position_ids",
                    trine::io::Array::from(std::vector<std::int64_t>{0, 1, 2}, {1, 3})});
  trine::io::write_safetensors(folder_ / "alone.safetensors", arrays);
  std::filesystem::create_directory(folder_ / "authors");
  write_authors_files(folder_ / "authors", arrays);

  Config given = with_;
  given.text_encoder_path.clear();  // its weights are in the file
  const std::vector<float> expected = scores(last, std::nullopt);
  for (const char* file : {"alone.safetensors", "authors/model.pth"})
    EXPECT_EQ(scores(dmd::read_checkpoint(folder_ / file), given), expected) << file;
}

INSTANTIATE_TEST_SUITE_P(Kinds, ParametersAlone,
                         testing::Values(TextEncoder::bert, TextEncoder::roberta),
                         [](const auto& param) { return std::string(name_of(param.param)); });

// ---- What moves, and what it is called ----

// Parameters of a run's last checkpoint that are those of the encoder's folder.
std::int64_t unchanged(const RunFolder& files) {
  std::int64_t same = 0;
  const trine::io::NamedArrays start = dmd::read_encoder_weights(dmd::encoder_folder("bert"));
  const Checkpoint last = dmd::read_checkpoint(files.last());
  for (const auto& entry : encoder_arrays(last)) {
    const trine::io::Array* before = find(start, entry.name);
    if (before && before->to_f32() == entry.array.to_f32()) ++same;
  }
  return same;
}

TEST(TrainedAlong, MovesTheEncoderAtItsOwnRate) {
  const TemporaryFolder folder;
  Config with = bert_config(true);
  with.epochs = 1;
  train_with_tokens(with, {folder / "usual"});
  EXPECT_EQ(unchanged({folder / "usual"}), 0);

  // So small a rate changes no bit of most parameters, while the rest of the model learns.
  with.text_encoder_learning_rate = 1e-30;
  train_with_tokens(with, {folder / "slow"});
  EXPECT_GT(unchanged({folder / "slow"}), 30);
  EXPECT_NE(measurements({folder / "slow"}), measurements({folder / "usual"}));
}

TEST(TrainedAlong, CallsParametersAsTheAuthorsDo) {
  const DeviceModel on_device = model(bert_config(true));
  EXPECT_NE(on_device.parameters().find("text_model.model.embeddings.word_embeddings.weight"),
            nullptr);
  EXPECT_NE(
      on_device.parameters().find("text_model.model.encoder.layer.1.attention.self.query.bias"),
      nullptr);
  EXPECT_NE(on_device.parameters().find("text_model.model.pooler.dense.weight"), nullptr);
  EXPECT_NE(on_device.parameters().find("proj_l.weight"), nullptr);
}

TEST(Frozen, LeavesTheEncoderOutOfTheModel) {
  const DeviceModel on_device = model(bert_config(false));
  for (const auto& parameter : on_device.parameters().parameters())
    EXPECT_THAT(parameter.name, Not(StartsWith("text_model")));
}

TEST(InferenceConfig, NamesAnEncoderThatTheCheckpointHoldsAlone) {
  Checkpoint checkpoint{.file = "mosi.pth"};
  checkpoint.arrays.push_back(
      {"text_model.model.pooler.dense.bias", trine::io::Array::from(std::vector<float>{1}, {1})});
  EXPECT_THAT(error_of([&] { dmd::inference_config(checkpoint, config()); }),
              AllOf(HasSubstr("mosi.pth holds a text encoder"), HasSubstr("text_encoder=bert")));
}

// ---- Tokens that do not fit ----

std::string refusal(const Split& split) {
  return error_of([&] { check_tokens(split, *bert_config(true).text_model); });
}

TEST(Tokens, LieInTheTablesOfTheEncoder) {
  const Config with = bert_config(true);
  Split split = data_with_tokens(with).train;
  split.bert.ids[13] = 61;
  EXPECT_THAT(refusal(split), AllOf(HasSubstr("'" + split.ids[2] + "'"), HasSubstr("id 61"),
                                    HasSubstr("at token 1"), HasSubstr("from 0 to 60")));
  split.bert.ids[13] = -1;
  EXPECT_THAT(refusal(split), HasSubstr("the id -1"));
  split = data_with_tokens(with).train;
  split.bert.segments[0] = 2;
  EXPECT_THAT(refusal(split), AllOf(HasSubstr("the segment 2"), HasSubstr("from 0 to 1")));
  split = data_with_tokens(with).train;
  split.bert.mask[0] = 2;
  EXPECT_THAT(refusal(split), HasSubstr("the mask 2"));
}

TEST(Tokens, AreNeeded) {
  EXPECT_THAT(refusal(data().train),
              AllOf(HasSubstr("text_bert"), HasSubstr("do not have"), HasSubstr("text_encoder")));
}

}  // namespace
}  // namespace small_run
