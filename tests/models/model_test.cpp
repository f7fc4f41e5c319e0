// What the golden numbers do not reach: the paper's variant, the ablations, and how programs share
// parameters.
#include <cmath>
#include <set>

#include <gmock/gmock.h>

#include "dmd/models/blocks/graph_unit.h"
#include "dmd/models/configuration.h"
#include "dmd/models/presets.h"
#include "dmd/models/programs.h"
#include "engine/error.h"
#include "engine/evaluate.h"
#include "engine/optim/adam.h"
#include "tests/models/run_in_double.h"

namespace dmd {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;
using trine::Bindings;
using trine::Graph;
using trine::HostTensor;
using trine::nn::Capture;
using trine::nn::ParameterStore;

constexpr std::int64_t kBatch = 3;

Config small() {
  Config config = without_dropout(preset_config("tiny"));
  config.settings.set("dst_feature_dim", 8);
  config.settings.set("nheads", 2);
  config.settings.set("nlevels", 1);
  config.feature_dims = {5, 4, 3};
  config.seq_lens = {6, 7, 5};
  return config;
}

std::set<std::string> names_of(const ParameterStore& store) {
  std::set<std::string> names;
  for (const auto& parameter : store.parameters()) names.insert(parameter.name);
  return names;
}

double sum_of(const HostTensor& tensor) {
  double total = 0;
  for (const double value : tensor.values) total += value;
  return total;
}

TEST(Programs, AgreeOnTheParameters) {
  const Config config = small();
  ParameterStore store = declare(config).store;
  const std::int64_t size = store.arena_size();
  Graph accumulate, apply, eval;
  build_accumulate(accumulate, store, config, 4);
  build_apply(apply, store, config);
  build_eval(eval, store, config, 2);
  EXPECT_EQ(store.arena_size(), size);
}

TEST(Programs, NeedTheSizesOfTheData) {
  Config config = small();
  config.seq_lens = {};
  EXPECT_THAT([&] { declare(config); },
              ThrowsMessage<trine::Error>(HasSubstr("take the sizes from the data")));
}

TEST(Programs, ApplyMovesEveryTrainedParameterAndClearsTheGradients) {
  const Config config = small();
  ParameterStore store = declare(config).store;
  Graph accumulate, apply;
  build_accumulate(accumulate, store, config, kBatch);
  build_apply(apply, store, config);
  Bindings bindings = run(accumulate, store).bindings;
  const std::vector<double> before = bindings.states[trine::nn::kParameters];
  bindings.step = {.step = 1, .learning_rate = 1e-3f};
  evaluate(apply, {}, bindings);
  EXPECT_THAT(bindings.states[trine::nn::kGradients], Each(0.0));

  const std::vector<double>& after = bindings.states[trine::nn::kParameters];
  for (const auto& parameter : store.parameters()) {
    double moved = 0;
    for (std::int64_t i = parameter.offset; i < parameter.offset + parameter.size(); ++i)
      moved += std::abs(after[static_cast<std::size_t>(i)] - before[static_cast<std::size_t>(i)]);
    // Nothing in the loss depends on the proj_cosine layers.
    EXPECT_EQ(moved > 0, !parameter.name.starts_with("proj_cosine")) << parameter.name;
  }
}

TEST(Programs, DropOutOnlyWhenTheyTrain) {
  Config config = small();
  config.settings.set("output_dropout", 0.5);
  ParameterStore store = declare(config).store;
  Graph accumulate, eval;
  build_accumulate(accumulate, store, config, kBatch);
  build_eval(eval, store, config, kBatch);
  const Ran evaluated = run(eval, store);
  EXPECT_NE(run(accumulate, store)["output"], evaluated["output"]);
  config.settings.set("output_dropout", 0);
  Graph without;
  build_eval(without, store, config, kBatch);
  EXPECT_EQ(run(without, store)["output"], evaluated["output"]);
}

// A modality that is d wide already is not projected, and its projection stays without gradient.
TEST(Model, SkipsTheProjectionOfAModalityAsWideAsItself) {
  Config config = small();
  config.feature_dims[0] = config.settings.whole("dst_feature_dim");
  config.settings.set("conv1d_kernel_size_l", 1);
  ParameterStore store = declare(config).store;
  EXPECT_THAT(names_of(store), Contains("proj_l.weight"));
  Graph graph;
  build_accumulate(graph, store, config, kBatch);
  const Ran ran = run(graph, store);
  const auto gradient = [&](const char* name) {
    const auto& parameter = *store.find(name);
    const auto first = ran.bindings.states.at(trine::nn::kGradients).begin() + parameter.offset;
    return std::vector<double>(first, first + parameter.size());
  };
  EXPECT_THAT(gradient("proj_l.weight"), Each(0.0));
  EXPECT_THAT(gradient("proj_a.weight"), Each(testing::Ne(0.0)));
}

TEST(GraphUnit, EdgesRunOverStudentsThenTeachers) {
  std::string order;
  for (const Edge& edge : edges_among(ModalitySet::all()))
    order += fmt::format("{}{} ", letter_of(edge.student), letter_of(edge.teacher));
  EXPECT_EQ(order, "lv la vl va al av ");
  EXPECT_EQ(edges_among(ModalitySet::all().without(Modality::vision)).size(), 2u);
}

TEST(GraphUnit, EdgesOfASampleAddUpToOne) {
  const Ran ran = run_accumulate(small(), kBatch);
  for (const char* unit : {"homo", "hetero"}) {
    EXPECT_NEAR(sum_of(ran.fetched.at(fmt::format("edges_{}", unit))), kBatch, 1e-9);
  }
}

TEST(PaperVariant, CountsItsOwnTerms) {
  Config config = small();
  config.settings.set("variant", "paper");
  const Ran ran = run_accumulate(config, kBatch);
  EXPECT_EQ(ran["loss.homo_reg"], 0);
  EXPECT_EQ(ran["loss.hetero_reg"], 0);
  EXPECT_GT(ran["loss.homo_repr"], 0);
  const double distillation = ran["loss.homo_logit"] + ran["loss.homo_repr"] +
                              ran["loss.hetero_logit"] + ran["loss.hetero_repr"];
  const double decoupling =
      ran["loss.recon"] + ran["loss.cycle"] + 0.1 * (ran["loss.margin"] + ran["loss.ort"]);
  EXPECT_NEAR(ran["loss.total"], ran["loss.task"] + 0.05 * distillation + 0.1 * decoupling, 1e-6);
  // The task is the output alone.
  double task = 0;
  for (std::size_t i = 0; i < kBatch; ++i)
    task += std::abs(ran.fetched.at("output").values[i] - std::sin(1.3 * static_cast<double>(i)));
  EXPECT_NEAR(ran["loss.task"], task / kBatch, 1e-6);
}

// With E alone as weights, the logit term is the mean over samples of sum_x E_x |student -
// teacher|.
TEST(PaperVariant, WeighsDistillationByTheLearnedEdges) {
  Config config = small();
  config.settings.set("variant", "paper");
  const Ran ran = run_accumulate(config, kBatch);
  double expected = 0;
  const std::vector<Edge> edges = edges_among(ModalitySet::all());
  for (std::size_t b = 0; b < kBatch; ++b)
    for (std::size_t x = 0; x < edges.size(); ++x) {
      const auto logit = [&](Modality m) {
        return ran.fetched.at(named("logit_homo_{}", m)).values[b];
      };
      expected += ran.fetched.at("edges_homo").values[b * edges.size() + x] *
                  std::abs(logit(edges[x].student) - logit(edges[x].teacher));
    }
  EXPECT_NEAR(ran["loss.homo_logit"], expected / kBatch, 1e-7);
}

TEST(Ablation, WithoutDecouplingNeitherItsLayersNorItsLossesExist) {
  Config config = small();
  config.settings.set("decoupling", false);
  EXPECT_THAT(names_of(declare(config).store),
              Not(Contains(testing::AnyOf(StartsWith("encoder_"), StartsWith("decoder_"),
                                          StartsWith("align_c_")))));
  const Ran ran = run_accumulate(config, kBatch);
  for (const char* term : {"recon", "cycle", "ort", "margin"})
    EXPECT_EQ(ran[fmt::format("loss.{}", term)], 0) << term;
  EXPECT_GT(ran["loss.task"], 0);
}

TEST(Ablation, AUnitThatIsLeftOutHasNoParametersEdgesOrLosses) {
  for (const std::string unit : {"homo", "hetero"}) {
    Config config = small();
    config.settings.set(unit + "_distillation", false);
    EXPECT_THAT(names_of(declare(config).store), Not(Contains(StartsWith(unit + "."))));
    const Ran ran = run_accumulate(config, kBatch);
    EXPECT_THAT(ran.fetched.at("edges_" + unit).values, Each(0.0));
    for (const char* term : {"reg", "logit", "repr"})
      EXPECT_EQ(ran[fmt::format("loss.{}_{}", unit, term)], 0) << unit << term;
    const std::string other = unit == "homo" ? "hetero" : "homo";
    EXPECT_GT(ran[fmt::format("loss.{}_logit", other)], 0);
  }
}

TEST(Ablation, WithoutCrossAttentionNoModalityReachesAnothersExclusiveHead) {
  Config config = small();
  config.settings.set("cross_attention", false);
  EXPECT_THAT(names_of(declare(config).store), Not(Contains(HasSubstr("_with_"))));
  ParameterStore store = declare(config).store;
  Graph graph;
  build_eval(graph, store, config, kBatch);
  const Ran before = run(graph, store);

  Bindings changed = bindings_for(graph, store);
  for (double& value : changed.inputs["audio"].values) value += 0.5;
  trine::Tensors wanted;
  for (const auto& fetch : graph.fetches()) wanted.push_back(graph.tensor(fetch.value));
  const auto after = evaluate(graph, wanted, changed);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string& name = graph.fetches()[i].name;
    const bool same = after[i].values == before.fetched.at(name).values;
    if (name == "logit_hetero_l" || name == "logit_hetero_v") {
      EXPECT_TRUE(same) << name;
    }
    if (name == "logit_hetero_a" || name == "output") {
      EXPECT_FALSE(same) << name;
    }
  }
}

}  // namespace
}  // namespace dmd
