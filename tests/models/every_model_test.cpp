// What holds of every model that is registered: a new one is tested here without a line.
#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "backends/cpu/cpu.h"
#include "backends/registry.h"
#include "dmd/data/classes.h"
#include "dmd/data/synthetic.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/models/programs.h"
#include "dmd/runtime/inference.h"
#include "dmd/runtime/predictions.h"
#include "dmd/train/baseline.h"
#include "dmd/train/trainer.h"
#include "engine/evaluate.h"
#include "engine/philox.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace dmd {
namespace {

using testing::HasSubstr;
using trine::Bindings;
using trine::Graph;
using trine::HostTensor;

Dataset data(Task task = Task::regression) {
  return make_synthetic({.train = 37,
                         .valid = 11,
                         .test = 6,
                         .widths = {6, 5, 4},
                         .steps = {5, 6, 7},
                         .task = task})
      .data;
}

// A model, on all modalities or without some.
struct Case {
  const ModelDef* model;
  ModalitySet modalities;

  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << c.model->name << " on " << name_of(c.modalities);
  }
};

ModalitySet set_of(std::initializer_list<Modality> modalities) {
  ModalitySet set;
  for (const Modality m : modalities) set.add(m);
  return set;
}

std::vector<Case> cases() {
  using enum Modality;
  std::vector<Case> cases;
  for (const ModelDef* model : all_models())
    for (const ModalitySet& set :
         {ModalitySet::all(), set_of({language, vision}), set_of({vision, audio}), set_of({audio})})
      cases.push_back({model, set});
  return cases;
}

class EveryModel : public testing::TestWithParam<Case> {
 protected:
  const ModelDef& model() const { return *GetParam().model; }

  // The model's smallest configuration, which each has under this name, at the sizes of data().
  Config config() const {
    Config config = preset_config("tiny", model().name);
    config.modalities = GetParam().modalities;
    config = fitted_to(config, input_sizes(data().train));
    config.batch_size = 8;
    config.epochs = 2;
    return config;
  }

  bool learns(Task task) const {
    return std::ranges::find(model().tasks, name_of(task)) != model().tasks.end();
  }

  Config config_of(Task task) const {
    Config config = this->config();
    config.task = task;
    if (task == Task::classification) config.classes = {"negative", "neutral", "positive"};
    return config;
  }
};

double draw(std::uint32_t stream, std::uint64_t index) {
  return 2.0 * trine::random_uniform(5, stream, 0, index) - 1.0;
}

// A label that the task may have.
double draw_label(const Config& config, std::uint32_t stream, std::uint64_t index) {
  const double sentiment = draw(stream, index);
  if (config.task == Task::regression) return sentiment;
  const auto choices = config.task == Task::emotion ? 2.0 : double(config.classes.size());
  return std::floor((sentiment + 1) / 2 * choices);
}

// Inputs and parameters of an accumulating program, in double.
Bindings bindings_for(const Config& config, const Graph& graph,
                      const trine::nn::ParameterStore& store) {
  Bindings bindings;
  const std::vector<float> start = store.initial_values(3);
  std::vector<double>& parameters = bindings.states[trine::nn::kParameters];
  // Initial zeros and ones would hide what depends on them.
  for (std::size_t i = 0; i < start.size(); ++i) parameters.push_back(start[i] + 0.05 * draw(1, i));
  bindings.states[trine::nn::kGradients].assign(start.size(), 0.0);
  std::uint32_t stream = 2;
  for (const trine::Node& node : graph.nodes()) {
    if (node.op->name != "input") continue;
    HostTensor value(node.outputs[0]);
    const bool is_label = node.attrs.text("name") == "labels";
    for (std::int64_t i = 0; i < value.size(); ++i) {
      const auto index = static_cast<std::uint64_t>(i);
      value[i] = is_label ? draw_label(config, stream, index) : draw(stream, index);
    }
    bindings.inputs[node.attrs.text("name")] = value;
    ++stream;
  }
  return bindings;
}

// What is left out has no input, and no parameter, head or edge of its own.
TEST_P(EveryModel, KnowsNothingOfWhatIsLeftOut) {
  trine::nn::ParameterStore store = declare(config()).store;
  Graph graph;
  build_eval(graph, store, config(), 2);
  std::set<std::string> inputs;
  for (const trine::Node& node : graph.nodes())
    if (node.op->name == "input") inputs.insert(node.attrs.text("name"));
  for (const Modality m : kModalities)
    EXPECT_EQ(inputs.contains(std::string(name_of(m))), config().reads(m)) << name_of(m);

  std::vector<std::string> names;
  for (const auto& parameter : store.parameters()) names.push_back(parameter.name);
  const Declaration declared = declare(config());
  for (const OutputInfo& output : declared.outputs) {
    names.push_back(output.name);
    names.insert(names.end(), output.columns.begin(), output.columns.end());
  }
  for (const std::string& name : names)
    for (const Modality m : kModalities)
      if (!config().reads(m)) {
        const std::string of_it = fmt::format("(^|_){}(_|\\.|$)", letter_of(m));
        EXPECT_THAT(name, testing::Not(testing::ContainsRegex(of_it)));
      }
}

TEST_P(EveryModel, NamesItsTotalAndItsPredictionFirst) {
  const Declaration declared = declare(config());
  EXPECT_EQ(declared.losses.front(), "total");
  EXPECT_EQ(declared.prediction().kind, OutputKind::prediction);
  for (const OutputInfo& output : declared.outputs) EXPECT_FALSE(output.meaning.empty());
  EXPECT_FALSE(model().paper.empty());
}

// Gradients take what stop_gradient() gives for a constant, so their slope shows where it is one.
void hold_constants(Graph& graph, Bindings& bindings) {
  trine::Tensors cut;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i)
    if (graph.nodes()[i].op->name == "stop_gradient")
      cut.push_back(graph.tensor({static_cast<int>(i), 0}));
  Bindings start = bindings;
  const std::vector<HostTensor> values = evaluate(graph, cut, start);
  for (std::size_t i = 0; i < cut.size(); ++i) bindings.given[cut[i].node()] = {values[i]};
}

// The slope of the total along a random direction through all parameters.
void expect_gradients_of_the_loss(const Config& config) {
  Config smooth = without_dropout(config);
  smooth.grad_clip = 1e30;
  trine::nn::ParameterStore store = declare(smooth).store;
  Graph graph;
  build_accumulate(graph, store, smooth, /*batch=*/3);
  Bindings start = bindings_for(smooth, graph, store);
  hold_constants(graph, start);
  const auto total_at = [&](double step) {
    Bindings moved = start;
    std::vector<double>& parameters = moved.states[trine::nn::kParameters];
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] += step * draw(99, i);
    const trine::Tensors total{graph.tensor(graph.fetches().front().value)};
    const double value = evaluate(graph, total, moved).front()[0];
    return std::pair(value, moved.states[trine::nn::kGradients]);
  };
  ASSERT_EQ(graph.fetches().front().name, "loss.total");
  double along = 0;
  const std::vector<double> gradients = total_at(0).second;
  for (std::size_t i = 0; i < gradients.size(); ++i) along += gradients[i] * draw(99, i);
  constexpr double kStep = 1e-7;
  const double slope = (total_at(kStep).first - total_at(-kStep).first) / (2 * kStep);
  EXPECT_NEAR(along, slope, 1e-4 * std::max(std::abs(slope), 1.0));
  EXPECT_GT(std::abs(slope), 1e-3);
}

TEST_P(EveryModel, HasTheGradientsOfItsLoss) { expect_gradients_of_the_loss(config()); }

TEST_P(EveryModel, HasTheGradientsOfItsLossOfClasses) {
  if (learns(Task::classification)) expect_gradients_of_the_loss(config_of(Task::classification));
}

TEST_P(EveryModel, HasTheGradientsOfItsLossOfEmotions) {
  if (learns(Task::emotion)) expect_gradients_of_the_loss(config_of(Task::emotion));
}

Ending train(const Config& config, const RunFolder& folder, int batches) {
  Dataset dataset = data(config.task);
  number_classes(dataset, config);
  DeviceModel on_device(trine::make_cpu_backend(1), config);
  const bool resumes = std::filesystem::exists(folder.last());
  Trainer trainer =
      resumes ? Trainer::resume(on_device, dataset, folder, read_checkpoint(folder.last()))
              : Trainer::begin(on_device, dataset, folder);
  std::ostringstream out;
  Progress progress(out, {});
  return trainer.run([&] { return --batches == 0; }, progress);
}

std::string without_seconds(const std::filesystem::path& history) {
  std::string all;
  std::istringstream lines(contents_of(history));
  for (std::string line; std::getline(lines, line);) all += line.substr(0, line.rfind(',')) + "\n";
  return all;
}

TEST_P(EveryModel, GoesOnBitForBitWhereItStopped) {
  const TemporaryFolder folder;
  const RunFolder whole{folder / "whole"}, cut{folder / "cut"};
  EXPECT_EQ(train(config(), whole, -1), Ending::all_epochs);
  EXPECT_EQ(train(config(), cut, 3), Ending::interrupted);
  EXPECT_EQ(train(config(), cut, 4), Ending::interrupted);
  EXPECT_EQ(train(config(), cut, -1), Ending::all_epochs);
  EXPECT_EQ(without_seconds(cut.history()), without_seconds(whole.history()));
}

TEST_P(EveryModel, GoesOnBitForBitWithClasses) {
  if (!learns(Task::classification)) return;
  const TemporaryFolder folder;
  const RunFolder whole{folder / "whole"}, cut{folder / "cut"};
  const Config config = config_of(Task::classification);
  EXPECT_EQ(train(config, whole, -1), Ending::all_epochs);
  EXPECT_EQ(train(config, cut, 4), Ending::interrupted);
  EXPECT_EQ(train(config, cut, -1), Ending::all_epochs);
  EXPECT_EQ(without_seconds(cut.history()), without_seconds(whole.history()));
  EXPECT_EQ(read_checkpoint(cut.path).config.value().classes, config.classes);
}

// By far more than luck: the constant answer is right in a third of the utterances, and the margin
// is three standard deviations of a share of 200.
TEST_P(EveryModel, TellsClassesApart) {
  if (!learns(Task::classification)) return;
  constexpr double kMargin = 0.15;
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  Dataset dataset = make_synthetic({.task = Task::classification}).data;
  Config config = fitted_to(preset_config("tiny", model().name), input_sizes(dataset.train));
  config.task = Task::classification;
  config.epochs = 4;
  config = with_classes(config, dataset);
  number_classes(dataset, config);
  DeviceModel on_device(trine::make_cpu_backend(2), config);
  Trainer trainer = Trainer::begin(on_device, dataset, files);
  std::ostringstream out;
  Progress progress(out, {});
  trainer.run([] { return false; }, progress);
  const Scores scores = scores_of(predict(on_device, dataset.test), dataset.test, config);
  const Scores constant = constant_predictor(dataset.train, dataset.test, config);
  EXPECT_GE(scores["Acc"], constant["Acc"] + kMargin);
  EXPECT_LT(scores.loss(), constant.loss());
}

// Heads are as wide as the answer, and their numbers are called after the classes.
TEST_P(EveryModel, NamesTheLogitsOfItsClasses) {
  if (!learns(Task::classification)) return;
  const Declaration declared = declare(config_of(Task::classification));
  EXPECT_THAT(declared.prediction().columns,
              testing::ElementsAre("negative", "neutral", "positive"));
  for (const OutputInfo& output : declared.outputs) {
    if (output.kind != OutputKind::head) continue;
    EXPECT_THAT(output.columns,
                testing::ElementsAre(output.name + "_negative", output.name + "_neutral",
                                     output.name + "_positive"));
  }
}

TEST_P(EveryModel, ScoresFromItsCheckpoint) {
  const TemporaryFolder folder;
  const RunFolder files{folder / "run"};
  train(config(), files, -1);
  const Checkpoint checkpoint = read_checkpoint(files.path);
  EXPECT_EQ(checkpoint.config.value().model, model().name);
  const Split split = data().test;
  DeviceModel loaded = load_model(checkpoint, inference_config(checkpoint, std::nullopt),
                                  input_sizes(split), trine::make_cpu_backend(1));
  const Predictions predictions = predict(loaded, split);
  for (const PredictedOutput& output : predictions.outputs)
    for (const Column& column : output.columns) {
      EXPECT_EQ(column.values.size(), 6u) << column.name;
      EXPECT_THAT(column.values,
                  testing::Each(testing::Truly([](float x) { return std::isfinite(x); })))
          << column.name;
    }
}

// What a device answers with the first parameters.
Predictions answers_of(const std::string& device, const Config& config) {
  DeviceModel on_device(trine::open_device(device), config);
  on_device.set_arena(trine::nn::kParameters, on_device.parameters().initial_values(3));
  return predict(on_device, data().valid);
}

TEST_P(EveryModel, AnswersAlikeOnOtherDevices) {
  const Predictions expected = answers_of("cpu", config());
  for (const char* device : {"reference", "cuda-emulated"}) {
    const Predictions got = answers_of(device, config());
    for (std::size_t o = 0; o < expected.outputs.size(); ++o)
      for (std::size_t c = 0; c < expected.outputs[o].columns.size(); ++c)
        EXPECT_THAT(
            got.outputs[o].columns[c].values,
            testing::Pointwise(testing::FloatNear(1e-4f), expected.outputs[o].columns[c].values))
            << device << " " << expected.outputs[o].columns[c].name;
  }
}

// Representations are fetched where they are asked for, and cost nothing elsewhere.
TEST_P(EveryModel, GivesItsRepresentationsOnDemand) {
  trine::nn::ParameterStore store = declare(config()).store;
  Graph predicting, representing;
  build_predict(predicting, store, config(), 2);
  build_represent(representing, store, config(), 2);
  std::set<std::string> names;
  for (const auto& fetch : representing.fetches()) names.insert(fetch.name);
  const Declaration declared = declare(config());
  for (const OutputInfo& output : declared.outputs) EXPECT_TRUE(names.contains(output.name));
  for (const auto& fetch : predicting.fetches()) EXPECT_TRUE(names.contains(fetch.name));
}

// A file of one model is not taken for another's, and the sentence names the one that it is of.
TEST_P(EveryModel, IsNotTakenForAnother) {
  if (GetParam().modalities != ModalitySet::all()) return;
  const std::string_view telltale = model().foreign.telltale;
  if (telltale.empty()) return;  // nothing tells it from others
  const Declaration own = declare(config());
  for (const ModelDef* other : all_models()) {
    if (other == &model() || other->presets.empty()) continue;
    Checkpoint checkpoint{.file = "some.pth"};
    for (const auto& parameter : own.store.parameters())
      checkpoint.arrays.push_back(
          {parameter.name,
           trine::io::Array::from(std::vector<float>(static_cast<std::size_t>(parameter.size())),
                                  {parameter.shape.begin(), parameter.shape.end()})});
    const Config theirs = fitted_to(preset_config("tiny", other->name), input_sizes(data().train));
    const Declaration declared = declare(theirs);
    EXPECT_THAT(error_of([&] { arena_from(checkpoint, declared); }),
                HasSubstr(fmt::format("it looks like a checkpoint of the model {}", model().name)));
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, EveryModel, testing::ValuesIn(cases()), [](const auto& param) {
  std::string name(param.param.model->name);
  if (param.param.modalities == ModalitySet::all()) return name;
  for (const Modality m : param.param.modalities) name += fmt::format("_{}", name_of(m));
  return name;
});

// ---- What a model may not be ----

Captured of_numbers(trine::nn::Capture&, const Config&, const Inputs& inputs) {
  return {.losses = {{"total", inputs.labels}},
          .outputs = {named_output("output", OutputKind::prediction, "the label", inputs.labels)}};
}

TEST(Registry, AModelRefusesTasksThatItDoesNotLearn) {
  static const ModelDef model{.name = "of_numbers",
                              .title = "",
                              .paper = "",
                              .tasks = {"regression"},
                              .capture = of_numbers};
  register_model(model);
  EXPECT_EQ(error_of([] {
              with_settings(default_config("of_numbers"),
                            std::vector<std::string>{"task=classification"});
            }),
            "--set: task = classification, and the model of_numbers learns regression");
}

Captured nameless(trine::nn::Capture&, const Config&, const Inputs& inputs) {
  return {.losses = {{"total", inputs.labels}}, .outputs = {}};
}

TEST(Registry, RefusesWhatIsNoModel) {
  static const ModelDef no_capture{.name = "no_capture", .tasks = {"regression"}};
  static const ModelDef taken{.name = "dmd", .tasks = {"regression"}, .capture = nameless};
  EXPECT_THAT(error_of([] { register_model(no_capture); }), HasSubstr("a capture function"));
  EXPECT_THAT(error_of([] { register_model(taken); }), HasSubstr("there is a model 'dmd' already"));
  EXPECT_EQ(error_of([] { find_model("dmf"); }),
            "--model: there is no model 'dmf'; did you mean 'dmd'?");
}

TEST(Registry, AModelMustNameItsPrediction) {
  static const ModelDef model{
      .name = "nameless", .title = "", .paper = "", .tasks = {"regression"}, .capture = nameless};
  register_model(model);
  Config config = default_config("nameless");
  config.feature_dims = config.seq_lens = {1, 1, 1};
  EXPECT_THAT(error_of([&] { declare(config); }), HasSubstr("its prediction before other outputs"));
}

}  // namespace
}  // namespace dmd
