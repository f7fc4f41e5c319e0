// Folders of text encoders: what is read, and what users get wrong.
#include "dmd/text/pretrained.h"

#include <span>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "dmd/config/json_object.h"
#include "dmd/models/configuration.h"
#include "tests/formats/mutants.h"
#include "tests/formats/torch_writer.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tests/text_encoder/fixture.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
namespace io = trine::io;
using testing::AllOf;
using testing::HasSubstr;

// A copy of a fixture's folder that may be spoilt.
class EncoderFolder : public testing::Test {
 protected:
  EncoderFolder() { fs::copy(encoder_folder("bert"), here()); }

  fs::path here() const { return folder_ / "encoder"; }

  void change_config(std::string_view from, std::string_view to) {
    std::string text = contents_of(here() / "config.json");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_contents(here() / "config.json", text.replace(at, from.size(), to));
  }

  std::string config_error() {
    return error_of([&] { read_encoder_config(here()); });
  }

  // Puts `weights` into a store of the folder's configuration.
  std::vector<float> put(const io::NamedArrays& weights) {
    trine::nn::ParameterStore store;
    trine::Graph graph;
    trine::nn::Capture capture(graph, store, trine::nn::Mode::evaluation);
    EncoderFixture(here()).capture(capture);
    std::vector<float> arena(static_cast<std::size_t>(store.arena_size()));
    put_encoder_weights(weights, "the folder", store, arena);
    return arena;
  }

  TemporaryFolder folder_;
};

TEST_F(EncoderFolder, GivesSizesAndRates) {
  const EncoderConfig config = read_encoder_config(here());
  EXPECT_EQ(config.kind, TextEncoder::bert);
  EXPECT_EQ(config.vocab_size, 61);
  EXPECT_EQ(config.num_hidden_layers, 2);
  EXPECT_EQ(config.type_vocab_size, 2);
  EXPECT_EQ(config.layer_norm_eps, 1e-12);
  EXPECT_EQ(config.hidden_dropout_prob, 0.1);
  EXPECT_EQ(config.longest_text(), 20);
}

TEST_F(EncoderFolder, NeedsAConfigThatIsComputedHere) {
  change_config("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"");
  EXPECT_THAT(config_error(), AllOf(HasSubstr("config.json"), HasSubstr("hidden_act is \"relu\""),
                                    HasSubstr("only \"gelu\"")));
  change_config("\"hidden_act\": \"relu\"", "\"hidden_act\": \"gelu\"");
  change_config("\"model_type\": \"bert\"", "\"model_type\": \"t5\"");
  EXPECT_THAT(config_error(), AllOf(HasSubstr("\"t5\""), HasSubstr("bert and roberta")));
}

TEST_F(EncoderFolder, NeedsSizesThatCanBe) {
  change_config("\"vocab_size\": 61", "\"vocab_size\": -1");
  EXPECT_THAT(config_error(), AllOf(HasSubstr("vocab_size"), HasSubstr("not -1")));
  change_config("\"vocab_size\": -1", "\"vocab_size\": 61");
  change_config("\"num_attention_heads\": 2", "\"num_attention_heads\": 3");
  EXPECT_THAT(config_error(),
              HasSubstr("hidden_size = 16 is not a multiple of num_attention_heads = 3"));
  write_contents(here() / "config.json", "{");
  EXPECT_THAT(config_error(), HasSubstr("not valid JSON"));
  fs::remove(here() / "config.json");
  EXPECT_THAT(config_error(), HasSubstr("no config.json"));
}

// As in the first BERT models.
TEST_F(EncoderFolder, MayLeaveItsKindToItsClassOrToWhoAsks) {
  change_config("\"model_type\": \"bert\"", "\"architectures\": [\"BertModel\"]");
  EXPECT_EQ(read_encoder_config(here(), TextEncoder::roberta).kind, TextEncoder::bert);
  change_config("\"BertModel\"", "\"RobertaForMaskedLM\"");
  EXPECT_EQ(read_encoder_config(here()).kind, TextEncoder::roberta);
  change_config("\"RobertaForMaskedLM\"", "\"RobertaPreLayerNormModel\"");
  EXPECT_THAT(config_error(), AllOf(HasSubstr("no model_type"), HasSubstr("PreLayerNorm"),
                                    HasSubstr("bert and roberta")));
  change_config("\"architectures\"", "\"other\"");
  EXPECT_EQ(read_encoder_config(here(), TextEncoder::bert).kind, TextEncoder::bert);
  EXPECT_THAT(config_error(), HasSubstr("write \"bert\" or \"roberta\" there"));
}

TEST_F(EncoderFolder, MayHoldNulls) {
  const EncoderConfig before = read_encoder_config(here());
  for (const char* key : {"\"type_vocab_size\": 2", "\"hidden_act\": \"gelu\"",
                          "\"layer_norm_eps\": 1e-12", "\"hidden_dropout_prob\": 0.1"})
    change_config(key, std::string(key).substr(0, std::string(key).find(':')) + ": null");
  EXPECT_EQ(read_encoder_config(here()), before);  // the values are the standard encoder's
}

// No row of the embedding is then kept from learning; kept in the files of runs.
TEST_F(EncoderFolder, MayHaveNoPadding) {
  change_config("\"pad_token_id\": 0", "\"pad_token_id\": null");
  const EncoderConfig config = read_encoder_config(here());
  EXPECT_EQ(config.pad_token_id, kNoPadding);
  EXPECT_EQ(encoder_config_from(json_of(config), "again"), config);
  EXPECT_NO_THROW(put(read_encoder_weights(here())));
  change_config("\"model_type\": \"bert\"", "\"model_type\": \"roberta\"");
  EXPECT_EQ(read_encoder_config(here()).pad_token_id, 1);
}

TEST(Mutation, EncoderConfigs) {
  const std::string good = contents_of(encoder_folder("bert") / "config.json");
  formats::survivors(good, "\"architectures\": [\"BertModel\", 1e999, -1, null, {}]",
                     [](const std::string& text) {
                       const auto config = encoder_config_from(parsed_object(text, "x"), "x");
                       EXPECT_GE(config.longest_text(), 1);
                     });
}

TEST_F(EncoderFolder, MustBeOfTheKindThatIsAskedFor) {
  Config config = default_config();
  config.text_encoder = TextEncoder::roberta;
  config.text_encoder_path = here().string();
  EXPECT_THAT(error_of([&] { with_text_model(config); }),
              AllOf(HasSubstr("holds a bert encoder"), HasSubstr("set text_encoder=bert")));
}

TEST_F(EncoderFolder, WithoutANameIsTheStandardEncoder) {
  Config config = default_config();
  config.text_encoder = TextEncoder::roberta;
  EXPECT_EQ(with_text_model(config).text_model->vocab_size, 50265);
  EXPECT_FALSE(with_text_model(Config()).text_model);
}

TEST_F(EncoderFolder, NeedsWeights) {
  fs::remove(here() / "model.safetensors");
  EXPECT_THAT(error_of([&] { read_encoder_weights(here()); }),
              AllOf(HasSubstr("model.safetensors"), HasSubstr("pytorch_model.bin")));
}

// As BERT's first files have them: the names of TensorFlow, a buffer, and no pooler.
TEST_F(EncoderFolder, MayHaveTheNamesOfOldFiles) {
  const io::NamedArrays now = io::read_safetensors(here() / "model.safetensors").arrays;
  io::NamedArrays old;
  for (const io::NamedArray& entry : now) {
    std::string name = entry.name;
    const std::size_t norm = name.find("LayerNorm.");
    if (norm != std::string::npos)
      name.replace(norm, std::string::npos,
                   name.ends_with("weight") ? "LayerNorm.gamma" : "LayerNorm.beta");
    old.push_back({name, entry.array});
  }
  old.push_back(
      {"bert.embeddings.position_ids", io::Array::from(std::vector<std::int64_t>{0, 1}, {1, 2})});
  const std::vector<float> expected = put(read_encoder_weights(here()));
  io::write_safetensors(here() / "model.safetensors", old);
  EXPECT_EQ(put(read_encoder_weights(here())), expected);
}

// The folder's parameters as a model around the encoder calls them.
io::NamedArrays in_bert(const fs::path& folder) {
  io::NamedArrays arrays = io::read_safetensors(folder / "model.safetensors").arrays;
  for (io::NamedArray& entry : arrays)
    if (!entry.name.starts_with("bert.")) entry.name = "bert." + entry.name;
  return arrays;
}

TEST_F(EncoderFolder, MayBeAWholeModelsAndInShards) {
  const std::vector<float> expected = put(read_encoder_weights(here()));
  io::NamedArrays first, second;
  for (const io::NamedArray& entry : in_bert(here()))
    (entry.name.starts_with("bert.embeddings.") ? first : second).push_back(entry);
  second.push_back({"cls.predictions.bias", io::Array::from(std::vector<float>{1}, {1})});
  nlohmann::json map;
  const auto write = [&](const char* file, const io::NamedArrays& arrays) {
    for (const io::NamedArray& entry : arrays) map[entry.name] = file;
    io::write_safetensors(here() / file, arrays);
  };
  write("model-1.safetensors", first);
  write("model-2.safetensors", second);
  fs::remove(here() / "model.safetensors");
  write_contents(here() / "model.safetensors.index.json",
                 nlohmann::json{{"weight_map", map}}.dump());
  EXPECT_EQ(put(read_encoder_weights(here())), expected);

  fs::remove(here() / "model-2.safetensors");
  EXPECT_THAT(error_of([&] { read_encoder_weights(here()); }),
              AllOf(HasSubstr("model.safetensors.index.json lists model-2.safetensors"),
                    HasSubstr("get the whole folder")));
}

// A file from before PyTorch 1.6, as bert-base-uncased was first given out: the names of
// TensorFlow, within the model that it was trained as, heads beside it.
TEST_F(EncoderFolder, MayHoldAFileOfOldPyTorch) {
  const std::vector<float> expected = put(read_encoder_weights(here()));
  formats::PickleWriter pickle(2);
  std::vector<std::string> storages;
  pickle.mark();
  const auto add = [&](const std::string& name, const io::Array& array) {
    std::vector<std::int64_t> strides(array.shape().size(), 1);
    for (std::size_t i = strides.size() - 1; i > 0; --i)
      strides[i - 1] = strides[i] * array.shape()[i];
    pickle.text(name);
    formats::add_tensor(pickle, {.key = std::to_string(storages.size()),
                                 .storage_size = array.size(),
                                 .shape = array.shape(),
                                 .strides = strides});
    storages.push_back(formats::raw_bytes<float>(array.to_f32()));
  };
  for (const io::NamedArray& entry : in_bert(here())) {
    std::string name = entry.name;
    if (const std::size_t norm = name.find("LayerNorm."); norm != std::string::npos)
      name.replace(norm + 10, std::string::npos, name.ends_with("weight") ? "gamma" : "beta");
    add(name, entry.array);
  }
  add("cls.seq_relationship.weight", io::Array::from(std::vector<float>{1, 2}, {1, 2}));
  pickle.dict();
  fs::remove(here() / "model.safetensors");
  write_contents(here() / "pytorch_model.bin", formats::make_legacy(pickle, storages));
  EXPECT_EQ(put(read_encoder_weights(here())), expected);
}

TEST_F(EncoderFolder, MayHaveMoreRowsThanWords) {
  const io::NamedArrays good = read_encoder_weights(here());
  change_config("\"vocab_size\": 61", "\"vocab_size\": 56");
  EXPECT_THAT(error_of([&] { put(good); }),
              AllOf(HasSubstr("(61, 16)"), HasSubstr("write \"vocab_size\": 61 into config.json")));
}

// `weights` with the values of `cycle`, over and over, in place of theirs.
template <class Element>
io::NamedArrays filled(io::NamedArrays weights, io::ElementType type,
                       const std::vector<Element>& cycle) {
  for (io::NamedArray& entry : weights) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(entry.array.size()); ++i) {
      const auto value = std::as_bytes(std::span(&cycle[i % cycle.size()], 1));
      bytes.insert(bytes.end(), value.begin(), value.end());
    }
    entry.array = io::Array(type, entry.array.shape(), io::share(bytes));
  }
  return weights;
}

// f16 and bf16 files are what many hubs distribute. The bits of each, and what they stand for: 1,
// -1, about a third, the smallest and the largest.
TEST_F(EncoderFolder, MayHoldHalves) {
  const io::NamedArrays weights = read_encoder_weights(here());
  using Bits = std::vector<std::uint16_t>;
  using Values = std::vector<float>;
  EXPECT_EQ(
      put(filled(weights, io::ElementType::f16, Bits{0x3C00, 0xBC00, 0x3555, 0x0001, 0x7BFF})),
      put(filled(weights, io::ElementType::f32, Values{1, -1, 0.333251953125f, 0x1p-24f, 65504})));
  EXPECT_EQ(
      put(filled(weights, io::ElementType::bf16, Bits{0x3F80, 0xBF80, 0x3EAB, 0x0001, 0x7F7F})),
      put(filled(weights, io::ElementType::f32,
                 Values{1, -1, 0.333984375f, 0x1p-133f, 0x1.FEp127f})));
  EXPECT_EQ(put(filled(weights, io::ElementType::f64, std::vector<double>{0.1, -2.5})),
            put(filled(weights, io::ElementType::f32, Values{0.1f, -2.5f})));
}

TEST_F(EncoderFolder, MustHoldFloats) {
  io::NamedArrays weights = read_encoder_weights(here());
  io::NamedArray& first = weights.front();
  const std::vector<std::int32_t> whole(static_cast<std::size_t>(first.array.size()), 1);
  first.array = io::Array::from(whole, first.array.shape());
  EXPECT_THAT(error_of([&] { put(weights); }), AllOf(HasSubstr("is of i32"), HasSubstr("bf16")));
}

TEST_F(EncoderFolder, MustHoldWeightsOfItsConfig) {
  const io::NamedArrays good = read_encoder_weights(here());
  io::NamedArrays bad = good;
  bad.erase(bad.begin());
  EXPECT_THAT(error_of([&] { put(bad); }), HasSubstr("has no 'text_model.model.embeddings"));

  change_config("\"vocab_size\": 61", "\"vocab_size\": 64");
  EXPECT_THAT(
      error_of([&] { put(good); }),
      AllOf(HasSubstr("word_embeddings.weight' has shape (61, 16)"), HasSubstr("(64, 16)")));
  change_config("\"vocab_size\": 64", "\"vocab_size\": 61");
  change_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1");
  EXPECT_THAT(error_of([&] { put(good); }),
              AllOf(HasSubstr("encoder.layer.1."), HasSubstr("no place for")));
}

}  // namespace
}  // namespace dmd
