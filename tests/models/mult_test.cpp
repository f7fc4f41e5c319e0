// MulT beyond its golden numbers: which parts exist and learn, what a step sees, and clipping.
#include <cmath>
#include <set>

#include <gmock/gmock.h>

#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/models/programs.h"
#include "tests/models/run_in_double.h"
#include "tests/support/errors.h"

namespace dmd {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Ne;
using trine::Graph;
using trine::HostTensor;

constexpr std::int64_t kBatch = 3;

Config small() {
  Config config = without_dropout(preset_config("tiny", "mult"));
  config.settings.set("dst_feature_dim", 8);
  config.settings.set("nheads", 2);
  config.feature_dims = {5, 4, 3};
  config.seq_lens = {6, 7, 5};
  return config;
}

Config partial(const std::string& target) {
  Config config = small();
  config.settings.set("partial", target);
  return config;
}

// Names of transformers: what stands before ".layers." in names of parameters.
std::set<std::string> transformers_of(const Config& config) {
  std::set<std::string> names;
  const Declaration declared = declare(config);
  for (const auto& parameter : declared.store.parameters())
    if (const auto end = parameter.name.find(".layers."); end != std::string::npos)
      names.insert(parameter.name.substr(0, end));
  return names;
}

TEST(Mult, AsksInSixWaysAndRemembersInThree) {
  EXPECT_THAT(transformers_of(small()),
              testing::ElementsAre("trans_a_mem", "trans_a_with_l", "trans_a_with_v", "trans_l_mem",
                                   "trans_l_with_a", "trans_l_with_v", "trans_v_mem",
                                   "trans_v_with_a", "trans_v_with_l"));
}

TEST(Mult, PartialModesLeaveFourCrossModalTransformersOut) {
  EXPECT_THAT(transformers_of(partial("a")),
              testing::ElementsAre("trans_a_mem", "trans_a_with_l", "trans_a_with_v", "trans_l_mem",
                                   "trans_v_mem"));
  const Declaration declared = declare(partial("a"));
  EXPECT_EQ(declared.store.find("proj1.weight")->shape, (trine::Shape{16, 16}));
  std::vector<std::string> outputs;
  for (const OutputInfo& output : declared.outputs) outputs.push_back(output.name);
  EXPECT_THAT(outputs, testing::ElementsAre("output", "last_a"));
}

std::vector<double> gradient_of(const Ran& ran, const trine::nn::ParameterStore& store,
                                const std::string& name) {
  const auto& parameter = *store.find(name);
  const auto first = ran.bindings.states.at(trine::nn::kGradients).begin() + parameter.offset;
  return {first, first + parameter.size()};
}

TEST(Mult, PartialModesKeepTwoMemoriesWithoutGradient) {
  const Config config = partial("v");
  const trine::nn::ParameterStore store = declare(config).store;
  const Ran ran = run_accumulate(config, kBatch);
  for (const auto& parameter : store.parameters()) {
    const bool idle =
        parameter.name.starts_with("trans_l_mem") || parameter.name.starts_with("trans_a_mem");
    const std::vector<double> gradient = gradient_of(ran, store, parameter.name);
    if (idle)
      EXPECT_THAT(gradient, Each(0.0)) << parameter.name;
    else
      EXPECT_THAT(gradient, Contains(Ne(0.0))) << parameter.name;
  }
}

TEST(Mult, ReadsTheProgramsPartialModes) {
  const auto partial_of = [](const std::string& flags) {
    return config_from_json(fmt::format(R"({{"model": "mult", {}}})", flags), "m.json")
        .settings.text("partial");
  };
  EXPECT_EQ(partial_of(R"("aonly": true)"), "a");
  EXPECT_EQ(partial_of(R"("lonly": true, "aonly": true, "vonly": true)"), "none");
  EXPECT_EQ(partial_of(R"("lonly": false)"), "none");
  EXPECT_EQ(partial_of(R"("partial": "v", "output_dim": 1)"), "v");
  EXPECT_EQ(error_of([&] { partial_of(R"("lonly": true, "aonly": true)"); }),
            "m.json: lonly and aonly are both set: a partial mode has one target");
  EXPECT_THAT(error_of([&] { partial_of(R"("lonly": 1)"); }), HasSubstr("'lonly' must be true"));
  EXPECT_THAT(error_of([&] { partial_of(R"("output_dim": 2)"); }),
              HasSubstr("output_dim = 2 is neither 1, for sentiment, nor 8, for emotion"));
  // They are read from files alone.
  EXPECT_THAT(error_of([] { with_settings(small(), std::vector<std::string>{"lonly=true"}); }),
              HasSubstr("unknown configuration key 'lonly'"));
}

// What audio answers to each step of text, (steps, batch, channels), with audio's last step moved.
std::vector<double> answers_to_text(const Config& config, double moved) {
  trine::nn::ParameterStore store = declare(config).store;
  Graph graph;
  trine::nn::Capture capture(graph, store, trine::nn::Mode::evaluation);
  find_model("mult").golden.capture(capture, config, capture_inputs(capture, config, kBatch));
  trine::Bindings bindings = bindings_for(graph, store);
  HostTensor& audio = bindings.inputs["audio"];
  const std::int64_t step = config.feature_dim(Modality::audio);
  const std::int64_t sample = config.seq_len(Modality::audio) * step;
  for (std::int64_t b = 0; b < kBatch; ++b) audio[(b + 1) * sample - step] += moved;
  for (const auto& fetch : graph.fetches())
    if (fetch.name == "forward.trans_l_with_a")
      return evaluate(graph, {graph.tensor(fetch.value)}, bindings)[0].values;
  return {};
}

// Text has 4 steps after projection and audio 5, so the mask lets step i of text see i + 1 at most.
TEST(Mult, WithoutTheMaskAStepSeesLaterOnes) {
  Config config = small();
  for (const bool mask : {true, false}) {
    config.settings.set("attn_mask", mask);
    const std::vector<double> before = answers_to_text(config, 0),
                              after = answers_to_text(config, 1);
    ASSERT_EQ(before.size(), 4 * kBatch * 8u);
    for (std::size_t i = 0; i < before.size(); ++i) {
      const bool sees_the_last = !mask || i / (kBatch * 8) == 3;
      EXPECT_EQ(before[i] != after[i], sees_the_last) << i;
    }
  }
}

double norm(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

TEST(Mult, ClipsTheNormOfAllGradientsTogether) {
  Config config = small();
  const auto gradients = [&](double clip) {
    config.grad_clip = clip;
    return run_accumulate(config, kBatch).bindings.states.at(trine::nn::kGradients);
  };
  const std::vector<double> whole = gradients(1e30);
  const double limit = norm(whole) / 2, scale = limit / (norm(whole) + 1e-6);
  const std::vector<double> clipped = gradients(limit);
  for (std::size_t i = 0; i < whole.size(); ++i)
    EXPECT_NEAR(clipped[i], whole[i] * scale, 1e-7 * norm(whole));
  EXPECT_THAT(gradients(2 * norm(whole)), testing::Pointwise(testing::DoubleEq(), whole));
}

// The rate of transformer inputs is that of the text features too; other features are whole.
TEST(Mult, DropsTextFeaturesOutAtTheRateOfTransformerInputs) {
  Config config = small();
  config.settings.set("embed_dropout", 0.5);
  trine::nn::ParameterStore store = declare(config).store;
  Graph graph;
  build_accumulate(graph, store, config, kBatch);
  std::vector<std::string> dropped;
  for (const trine::Node& node : graph.nodes()) {
    if (node.op->name != "dropout") continue;
    const trine::Node& from = graph.nodes()[static_cast<std::size_t>(node.inputs[0].node)];
    if (from.op->name == "input") dropped.push_back(from.attrs.text("name"));
  }
  EXPECT_THAT(dropped, testing::ElementsAre("text"));
}

Config emotion() {
  Config config = small();
  config.task = Task::emotion;
  return config;
}

TEST(Mult, OfEmotionsAveragesTheCrossEntropyOfPairsOfLogits) {
  trine::nn::ParameterStore store = declare(emotion()).store;
  Graph graph;
  build_accumulate(graph, store, emotion(), kBatch);
  trine::Bindings bindings = bindings_for(graph, store);
  HostTensor& labels = bindings.inputs.at("labels");
  ASSERT_EQ(labels.size(), kBatch * 4);
  for (std::int64_t i = 0; i < labels.size(); ++i) labels[i] = i % 3 == 0 ? 1 : 0;
  trine::Tensors wanted;
  for (const auto& fetch : graph.fetches()) wanted.push_back(graph.tensor(fetch.value));
  const auto values = evaluate(graph, wanted, bindings);
  const HostTensor &total = values.at(0), &logits = values.at(1);
  double expected = 0;
  for (std::int64_t i = 0; i < labels.size(); ++i) {
    const double no = logits[2 * i], yes = logits[2 * i + 1];
    expected += std::log(std::exp(no) + std::exp(yes)) - (labels[i] == 1 ? yes : no);
  }
  EXPECT_NEAR(total[0], expected / (kBatch * 4), 1e-7);  // 1 / 12 is an f32
}

TEST(Mult, OfEmotionsNamesALogitOfNoAndOneOfYesForEach) {
  EXPECT_THAT(declare(emotion()).prediction().columns,
              testing::ElementsAre("neutral_no", "neutral_yes", "happy_no", "happy_yes", "sad_no",
                                   "sad_yes", "angry_no", "angry_yes"));
}

TEST(Mult, OfEmotionsIsWhatTheProgramsEightOutputsAre) {
  const auto task_of = [](const std::string& keys) {
    return config_from_json(fmt::format(R"({{"model": "mult", {}}})", keys), "m.json").task;
  };
  EXPECT_EQ(task_of(R"("output_dim": 8)"), Task::emotion);
  EXPECT_EQ(task_of(R"("output_dim": 1)"), Task::regression);
  EXPECT_EQ(task_of(R"("task": "sentiment")"), Task::regression);  // as runs called it before
}

}  // namespace
}  // namespace dmd
