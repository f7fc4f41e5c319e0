// The tokens of a real feature file through an encoder with the real vocabulary's size: a small
// random one, as the weights of a trained one would be large.
#include <set>

#include <gmock/gmock.h>

#include "dmd/data/feature_file.h"
#include "dmd/text/pretrained.h"
#include "dmd/text/text_features.h"
#include "engine/io/safetensors.h"
#include "engine/philox.h"
#include "tests/formats/test_files.h"
#include "tests/train/small_run.h"

namespace small_run {
namespace {

using dmd::Split;
using dmd::TemporaryFolder;

constexpr std::int64_t kWidth = 16;
constexpr const char* kEmbedding = "text_model.model.embeddings.word_embeddings.weight";

constexpr const char* kEncoderConfig = R"({
  "model_type": "bert", "hidden_act": "gelu", "vocab_size": 30522, "hidden_size": 16,
  "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24,
  "max_position_embeddings": 64, "type_vocab_size": 2, "layer_norm_eps": 1e-12,
  "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "pad_token_id": 0
})";

void keep_first(dmd::Sequence& sequence, std::int64_t n) {
  sequence.n = n;
  sequence.values.resize(static_cast<std::size_t>(n * sequence.steps * sequence.width));
}

void keep_first(Split& split, std::int64_t n) {
  for (dmd::Sequence* sequence : {&split.text, &split.audio, &split.vision})
    keep_first(*sequence, n);
  const auto count = static_cast<std::size_t>(n);
  split.ids.resize(count);
  split.raw_text.resize(count);
  split.labels.resize(count);
  split.bert.n = n;
  for (auto* row : {&split.bert.ids, &split.bert.mask, &split.bert.segments})
    row->resize(static_cast<std::size_t>(n * split.bert.tokens));
}

class RealTokens : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    const std::filesystem::path file = formats::shared_file("data/mosi_ctx20.pkl");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "there is no " << file;
    data_ = dmd::read_feature_file(file);
    keep_first(data_.train, 24);
    keep_first(data_.valid, 8);
    keep_first(data_.test, 8);
    dmd::write_contents(folder_ / "config.json", kEncoderConfig);
    config_ = configured();
    write_weights();
  }

  Config configured() const {
    Config with = config();
    with.feature_dims = with.seq_lens = {};
    with.text_encoder = dmd::TextEncoder::bert;
    with.text_encoder_path = (folder_ / "config.json").parent_path().string();
    with.use_finetune = GetParam();
    with.epochs = 1;
    with.update_epochs = 1;
    with = dmd::with_text_model(with);
    return dmd::fitted_to(with, dmd::input_sizes(data_.train, with));
  }

  // Of the parameters that a model which trains its encoder declares.
  void write_weights() const {
    Config along = config_;
    along.use_finetune = true;
    const DeviceModel declared = model(along);
    std::uint32_t stream = 0;
    trine::io::NamedArrays arrays;
    for (const trine::nn::Parameter& parameter : declared.parameters().parameters()) {
      if (!parameter.name.starts_with(dmd::kTextModelPrefix)) continue;
      std::vector<float> values;
      ++stream;
      for (std::int64_t i = 0; i < parameter.size(); ++i)
        values.push_back(0.2f * trine::random_uniform(1, stream, 0, static_cast<std::uint64_t>(i)) -
                         0.1f);
      arrays.push_back(
          {parameter.name.substr(dmd::kTextModelPrefix.size()),
           trine::io::Array::from(values, {parameter.shape.begin(), parameter.shape.end()})});
    }
    trine::io::write_safetensors(folder_ / "model.safetensors", arrays);
  }

  TemporaryFolder folder_;
  Dataset data_;
  Config config_;
};

// Rows of the embedding in which a run differs from its start.
std::set<std::int32_t> moved_rows(const dmd::Checkpoint& last, const std::filesystem::path& file) {
  const trine::io::NamedArrays start = trine::io::read_safetensors(file).arrays;
  const std::vector<float> before = find(start, "embeddings.word_embeddings.weight")->to_f32();
  const std::vector<float> after = find(last.arrays, kEmbedding)->to_f32();
  std::set<std::int32_t> moved;
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] != after[i]) moved.insert(static_cast<std::int32_t>(i / kWidth));
  return moved;
}

TEST_P(RealTokens, TrainAModel) {
  const RunFolder files{folder_ / "run"};
  Dataset prepared = data_;
  dmd::prepare_text(prepared, config_, trine::make_cpu_backend(1));
  DeviceModel on_device = model(config_);
  Trainer trainer = Trainer::begin(on_device, prepared, files);
  EXPECT_EQ(run(trainer), Ending::all_epochs);
  EXPECT_EQ(history(files).rows.size(), 1u);
  const dmd::Checkpoint last = dmd::read_checkpoint(files.last());
  if (!GetParam()) {
    EXPECT_EQ(find(last.arrays, kEmbedding), nullptr);
    EXPECT_EQ(prepared.train.text.values.size(), 24u * 50 * kWidth);
    return;
  }
  // Words that were seen in training, and no others; the padding's row stays, as in PyTorch.
  const auto& ids = data_.train.bert.ids;
  std::set<std::int32_t> seen(ids.begin(), ids.end());
  EXPECT_GT(seen.size(), 100u);
  EXPECT_EQ(seen.erase(0), 1u);
  EXPECT_EQ(moved_rows(last, folder_ / "model.safetensors"), seen);
}

INSTANTIATE_TEST_SUITE_P(Mosi, RealTokens, testing::Bool(), [](const auto& param) {
  return param.param ? "trained_along" : "frozen";
});

}  // namespace
}  // namespace small_run
