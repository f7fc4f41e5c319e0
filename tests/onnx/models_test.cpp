// Whole models: ONNX Runtime gives what `dmd predict` gives, for any batch size.
#include <algorithm>
#include <array>

#include <gmock/gmock.h>

#include "backends/cpu/cpu.h"
#include "dmd/data/missing.h"
#include "dmd/data/synthetic.h"
#include "dmd/export/onnx.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/models/programs.h"
#include "dmd/runtime/inference.h"
#include "dmd/runtime/predictions.h"
#include "dmd/text/pretrained.h"
#include "dmd/verify/fixture.h"
#include "engine/philox.h"
#include "tests/onnx/runtime.h"
#include "tests/support/arena_arrays.h"
#include "tests/support/dmd_programs.h"
#include "tests/text_encoder/fixture.h"

namespace dmd {
namespace {

namespace io = trine::io;
using trine::onnx::Comparison;

constexpr std::int64_t kTokens = 6;

// ---- Models ----

// Initial values with a little noise on all, as many parameters begin as zeros or ones.
Checkpoint random_checkpoint(const Config& config) {
  const trine::nn::ParameterStore store = declare(config).store;
  std::vector<float> arena = store.initial_values(1);
  for (std::size_t i = 0; i < arena.size(); ++i)
    arena[i] += 0.1f * (trine::random_uniform(7, 0, 0, i) - 0.5f);
  return {.file = "random", .config = config, .arrays = arrays_of(store, "", arena)};
}

Config tiny_with(std::initializer_list<std::string> settings) {
  return with_settings(standard_config("tiny"), std::vector<std::string>(settings));
}

Config with_encoder(TextEncoder kind, bool finetune) {
  Config config = standard_config("tiny");
  config.text_encoder = kind;
  config.text_encoder_path = encoder_folder(std::string(name_of(kind))).string();
  config.use_finetune = finetune;
  config = with_text_model(config);
  config.feature_dims[config_slot(Modality::language)] = config.text_model->hidden_size;
  config.seq_lens[config_slot(Modality::language)] = kTokens;
  return config;
}

// ---- Data ----

// Texts of 3 to 6 tokens.
Tokens tokens_of(std::int64_t n, const EncoderConfig& encoder) {
  Tokens tokens{.n = n, .tokens = kTokens};
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t t = 0; t < kTokens; ++t) {
      const bool real = t < 3 + i % 4;
      const std::int64_t id =
          real ? 3 + (7 * i + 5 * t) % (encoder.vocab_size - 3) : encoder.pad_token_id;
      tokens.ids.push_back(static_cast<std::int32_t>(id));
      tokens.mask.push_back(real);
      tokens.segments.push_back(static_cast<std::int32_t>(t % encoder.type_vocab_size));
    }
  return tokens;
}

// A configuration's list in the order l, v, a; 2 for what the model does not read.
std::array<std::int64_t, 3> in_order(const SizeList& list) {
  const auto there = [](std::int64_t size) { return std::max<std::int64_t>(size, 2); };
  return {there(list[0]), there(list[2]), there(list[1])};
}

Split split_of(const Config& config, std::int64_t n) {
  Split split = make_synthetic({.train = 10,
                                .valid = 10,
                                .test = n,
                                .widths = in_order(config.feature_dims),
                                .steps = in_order(config.seq_lens)})
                    .data.test;
  if (config.text_model) split.bert = tokens_of(n, *config.text_model);
  split.label_width = label_width(config.task);
  split.labels.assign(static_cast<std::size_t>(n * split.label_width), 0.0f);
  return split;
}

io::Array array_of(const Sequence& sequence) {
  return io::Array::from(sequence.values, {sequence.n, sequence.steps, sequence.width});
}

io::Array array_of(const std::vector<std::int32_t>& values, const Tokens& tokens) {
  return io::Array::from(std::vector<std::int64_t>(values.begin(), values.end()),
                         {tokens.n, tokens.tokens});
}

io::NamedArrays inputs_of(const Split& split, const Config& config) {
  io::NamedArrays inputs;
  for (const Modality m : config.modalities)
    if (m != Modality::language || !config.text_model)
      inputs.push_back({std::string(name_of(m)), array_of(sequence_of(split, m))});
  if (config.text_model) {
    inputs.push_back({"ids", array_of(split.bert.ids, split.bert)});
    inputs.push_back({"mask", array_of(split.bert.mask, split.bert)});
    inputs.push_back({"segments", array_of(split.bert.segments, split.bert)});
  }
  return inputs;
}

// ---- What is expected ----

io::NamedArray array_of(const PredictedOutput& output) {
  const auto rows = static_cast<std::int64_t>(output.columns.front().values.size());
  std::vector<float> values;
  for (std::size_t row = 0; row < output.columns.front().values.size(); ++row)
    for (const Column& column : output.columns) values.push_back(column.values[row]);
  return {output.info.name,
          io::Array::from(values, {rows, static_cast<std::int64_t>(output.columns.size())})};
}

// The predictions of the program itself, with those edges that the checkpoint has.
io::NamedArrays predicted(const Checkpoint& checkpoint, Split split) {
  const std::shared_ptr<trine::Backend> cpu = trine::make_cpu_backend(1);
  const Config config = inference_config(checkpoint, std::nullopt);
  encode_text(split, checkpoint, config, cpu);
  DeviceModel model = load_model(checkpoint, config, input_sizes(split), cpu);
  const std::vector<OutputInfo> there = outputs_in(checkpoint, model.declared().outputs);
  io::NamedArrays outputs;
  for (const PredictedOutput& output : predict(model, split).outputs)
    if (std::ranges::find(there, output.info.name, &OutputInfo::name) != there.end())
      outputs.push_back(array_of(output));
  return outputs;
}

// One model, exported for any batch, and batches of 1, 3 and 16.
void add(Comparison& comparison, const std::string& name, const Checkpoint& checkpoint) {
  const Config config = inference_config(checkpoint, std::nullopt);
  comparison.add_model(name, onnx_model(checkpoint, config, std::nullopt).model);
  for (const std::int64_t batch : {1, 3, 16}) {
    const Split split = split_of(config, batch);
    comparison.add_run(name, fmt::format("batch-{}", batch), inputs_of(split, config),
                       predicted(checkpoint, split));
  }
}

TEST(OnnxModels, PresetsAgreeWithPredict) {
  TRINE_NEEDS_ONNX_RUNTIME();
  Comparison comparison;
  for (const ModelDef* model : all_models())
    for (const Preset& preset : model->presets)
      if (!preset.name.ends_with("unaligned"))  // longer, and nothing else
        add(comparison, fmt::format("{}-{}", model->name, preset.name),
            random_checkpoint(standard_config(preset.name, model->name)));
  comparison.expect_agreement();
}

TEST(OnnxModels, WithoutSomeModalitiesAgreeWithPredict) {
  TRINE_NEEDS_ONNX_RUNTIME();
  Comparison comparison;
  for (const ModelDef* model : all_models())
    for (const char* some : {"text,audio", "audio,vision", "text", "vision"}) {
      Config config = with_settings(preset_config("tiny", model->name),
                                    std::vector{fmt::format("modalities={}", some)});
      config = fitted_to(config, preset_named("tiny", model->name).standard);
      add(comparison, fmt::format("{}-{}", model->name, some), random_checkpoint(config));
    }
  comparison.expect_agreement();
}

TEST(OnnxModels, OfClassesAndEmotionsAgreeWithPredict) {
  TRINE_NEEDS_ONNX_RUNTIME();
  Comparison comparison;
  for (const ModelDef* model : all_models())
    for (const Task task : {Task::classification, Task::emotion}) {
      if (std::ranges::find(model->tasks, name_of(task)) == model->tasks.end()) continue;
      Config config = standard_config("tiny", model->name);
      config.task = task;
      if (task == Task::classification) config.classes = {"a", "b", "c"};
      add(comparison, fmt::format("{}-{}", model->name, name_of(task)), random_checkpoint(config));
    }
  comparison.expect_agreement();
}

TEST(OnnxModels, VariantAndAblationsAgreeWithPredict) {
  TRINE_NEEDS_ONNX_RUNTIME();
  Comparison comparison;
  for (const char* setting : {"variant=paper", "decoupling=false", "cross_attention=false",
                              "homo_distillation=false", "hetero_distillation=false"})
    add(comparison, setting, random_checkpoint(tiny_with({setting})));
  comparison.expect_agreement();
}

TEST(OnnxModels, TextEncodersInFrontAgreeWithPredict) {
  TRINE_NEEDS_ONNX_RUNTIME();
  Comparison comparison;
  for (const TextEncoder kind : {TextEncoder::bert, TextEncoder::roberta})
    for (const bool finetune : {false, true})
      add(comparison, fmt::format("{}-{}", name_of(kind), finetune),
          random_checkpoint(with_encoder(kind, finetune)));
  comparison.expect_agreement();
}

// The numbers of the authors' program, without our engine between.
TEST(OnnxModels, FixtureAgreesWithTheAuthorsProgram) {
  const std::filesystem::path folder = TRINE_SOURCE_DIR "/tests/golden/data/dmd_small";
  TRINE_NEEDS_ONNX_RUNTIME();
  const Fixture fixture = read_fixture(folder);
  const OnnxModel made = onnx_model(fixture.parameters, fixture.config, std::nullopt);
  io::NamedArrays inputs, outputs;
  for (const Modality m : kModalities)
    inputs.push_back(
        {std::string(name_of(m)), io::Array::from(fixture.batches[0].features[m],
                                                  {fixture.batch_size, fixture.config.seq_len(m),
                                                   fixture.config.feature_dim(m)})});
  const auto expect = [&](const std::string& name, const std::string& fixture_name) {
    const io::Array& theirs = fixture.expect(fixture_name);  // f64
    outputs.push_back({name, io::Array::from(theirs.to_f32(), theirs.shape())});
  };
  expect("output", "forward.output_logit");
  expect("logit_c", "forward.logits_c");
  for (const Modality m : kModalities) {
    expect(named("logit_homo_{}", m), named("forward.logits_{}_homo", m));
    expect(named("logit_hetero_{}", m), named("forward.logits_{}_hetero", m));
  }
  // The authors keep edges as (6, batch).
  for (const char* unit : {"homo", "hetero"}) {
    const std::vector<float> theirs = fixture.expect(fmt::format("edges.{}", unit)).to_f32();
    std::vector<float> edges;
    for (std::int64_t row = 0; row < fixture.batch_size; ++row)
      for (std::int64_t edge = 0; edge < 6; ++edge)
        edges.push_back(theirs[static_cast<std::size_t>(edge * fixture.batch_size + row)]);
    outputs.push_back(
        {fmt::format("edges_{}", unit), io::Array::from(edges, {fixture.batch_size, 6})});
  }
  Comparison comparison;
  comparison.add_model("dmd_small", made.model);
  comparison.add_run("dmd_small", "golden", inputs, outputs);
  comparison.expect_agreement();
}

}  // namespace
}  // namespace dmd
