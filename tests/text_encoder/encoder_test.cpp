// BERT and RoBERTa against Hugging Face's transformers: hidden states and every gradient.
#include "dmd/text/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <gmock/gmock.h>

#include "backends/registry.h"
#include "backends/session.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/reduce.h"
#include "engine/ops/state.h"
#include "engine/optim/accumulate.h"
#include "tests/support/errors.h"
#include "tests/text_encoder/fixture.h"
#include "tests/vulkan/device_present.h"

namespace dmd {
namespace {

using testing::HasSubstr;
using trine::Graph;
using trine::Tensor;
using trine::nn::Capture;
using trine::nn::Mode;
using trine::nn::ParameterStore;

// The largest difference, as a share of the largest expected value. The floor is for gradients that
// are zero in theory (a key's bias moves all scores of a row alike) and hold noise; the others are
// far larger.
double difference(std::span<const float> got, const std::vector<double>& expected,
                  double floor = 1e-2) {
  EXPECT_EQ(got.size(), expected.size());
  double largest = floor, apart = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    apart = std::max(apart, std::abs(got[i] - expected[i]));
  }
  return apart / largest;
}

// The fixture's encoder on a device, run forward and backward once.
class Ran {
 public:
  Ran(const EncoderFixture& fixture, const std::string& device)
      : fixture_(fixture), session_(trine::open_device(device)), program_(compile()) {
    program_.feed("ids", fixture.array("ids").to_i32());
    program_.feed("mask", fixture.array("mask").to_i32());
    program_.feed("segments", fixture.array("segments").to_i32());
    program_.feed("cotangent", fixture.array("cotangent").to_f32());
    program_.run({});
    gradients_ = session_.read_state(trine::nn::kGradients, 0, store_.arena_size());
  }

  std::vector<float> hidden() const { return program_.fetch("hidden"); }
  const ParameterStore& store() const { return store_; }
  std::span<const float> gradient(const trine::nn::Parameter& parameter) const {
    return std::span(gradients_)
        .subspan(static_cast<std::size_t>(parameter.offset),
                 static_cast<std::size_t>(parameter.size()));
  }

 private:
  trine::Executable compile() {
    Graph graph;
    Capture capture(graph, store_, Mode::evaluation);
    const Tensor hidden = fixture_.capture(capture);
    const Tensor cotangent = input(graph, "cotangent", hidden.type());
    graph.fetch("hidden", hidden);
    trine::optim::accumulate_gradients(capture, sum(hidden * cotangent));
    std::vector<float> arena(static_cast<std::size_t>(store_.arena_size()));
    put_encoder_weights(read_encoder_weights(fixture_.folder), "the fixture", store_, arena);
    session_.create_state(trine::nn::kParameters, store_.arena_size());
    session_.create_state(trine::nn::kGradients, store_.arena_size());
    session_.write_state(trine::nn::kParameters, 0, arena);
    return session_.compile(graph, "encoder");
  }

  const EncoderFixture& fixture_;
  trine::Session session_;
  ParameterStore store_;
  trine::Executable program_;
  std::vector<float> gradients_;
};

void expect_agreement(const EncoderFixture& fixture, const std::string& device) {
  const Ran ran(fixture, device);
  EXPECT_LE(difference(ran.hidden(), fixture.array("hidden").to_f64()), 1e-4);
  int compared = 0;
  for (const trine::nn::Parameter& parameter : ran.store().parameters()) {
    const std::string name = parameter.name.substr(kTextModelPrefix.size());
    if (name.starts_with("pooler.")) continue;  // no hidden state depends on it
    SCOPED_TRACE(name);
    EXPECT_LE(difference(ran.gradient(parameter), fixture.array("grad." + name).to_f64()), 1e-3);
    ++compared;
  }
  EXPECT_EQ(compared, 5 + 16 * fixture.config.num_hidden_layers);
}

class EncoderOn : public testing::TestWithParam<const char*> {};

TEST_P(EncoderOn, BertAgreesWithTransformers) {
  if (GetParam() == std::string("vulkan")) {
    TRINE_NEEDS_VULKAN();
  }
  expect_agreement(EncoderFixture(encoder_folder("bert")), GetParam());
}

TEST_P(EncoderOn, RobertaAgreesWithTransformers) {
  if (GetParam() == std::string("vulkan")) {
    TRINE_NEEDS_VULKAN();
  }
  expect_agreement(EncoderFixture(encoder_folder("roberta")), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Devices, EncoderOn,
                         testing::Values("reference", "cpu", "cuda-emulated", "vulkan"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// By hand: make.py --full DIR, then TRINE_BERT_BASE=DIR test_text_encoder.
TEST(Encoder, OfFullSizeAgreesWithTransformers) {
  const char* folder = std::getenv("TRINE_BERT_BASE");
  if (!folder) GTEST_SKIP() << "TRINE_BERT_BASE names no folder of make.py --full";
  expect_agreement(EncoderFixture(folder), "cpu");
}

// A sample's padding may hold anything.
TEST(Encoder, DoesNotSeePadding) {
  const EncoderFixture fixture(encoder_folder("bert"));
  EncoderFixture other = fixture;
  std::vector<std::int32_t> ids = fixture.array("ids").to_i32();
  const std::vector<std::int32_t> mask = fixture.array("mask").to_i32();
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (mask[i] == 0) ids[i] = 7;
  for (trine::io::NamedArray& entry : other.expected)
    if (entry.name == "ids")
      entry.array = trine::io::Array::from(ids, {fixture.batch, fixture.tokens});

  const std::vector<float> a = Ran(fixture, "cpu").hidden(), b = Ran(other, "cpu").hidden();
  const auto width = static_cast<std::size_t>(fixture.config.hidden_size);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (mask[i / width] == 1) {
      EXPECT_EQ(a[i], b[i]) << i;
    }
}

// A hidden state of padding depends on the padding's row, which learns unless it is known as such.
TEST(Encoder, LearnsItsPaddingWhereItIsToldOfNone) {
  const auto of_padding = [](const Ran& ran, const EncoderFixture& fixture) {
    const auto* words =
        ran.store().find(fmt::format("{}embeddings.word_embeddings.weight", kTextModelPrefix));
    const auto row =
        ran.gradient(*words).first(static_cast<std::size_t>(fixture.config.hidden_size));
    return *std::ranges::max_element(row, {}, [](float x) { return std::abs(x); });
  };
  EncoderFixture fixture(encoder_folder("bert"));
  EXPECT_EQ(of_padding(Ran(fixture, "cpu"), fixture), 0);
  fixture.config.pad_token_id = kNoPadding;
  EXPECT_NE(of_padding(Ran(fixture, "cpu"), fixture), 0);
}

TEST(Encoder, RefusesMoreTokensThanPositions) {
  EncoderFixture fixture(encoder_folder("roberta"));
  fixture.tokens = 19;
  Graph graph;
  ParameterStore store;
  Capture capture(graph, store, Mode::evaluation);
  EXPECT_THAT(error_of([&] { fixture.capture(capture); }),
              HasSubstr("the text has 19 tokens and the roberta encoder has positions for 18"));
}

}  // namespace
}  // namespace dmd
