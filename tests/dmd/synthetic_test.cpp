#include "dmd/data/synthetic.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <span>

#include "dmd/metrics/metrics.h"
#include "dmd/models/presets.h"
#include "tests/dmd/ridge.h"
#include "tests/support/errors.h"

namespace dmd {
namespace {

using ::testing::HasSubstr;

const Synthetic& standard() {
  static const Synthetic made = make_synthetic({});
  return made;
}

// Enough utterances for statistics: 1/sqrt(2000) is 0.022.
const Synthetic& large() {
  static const Synthetic made = make_synthetic({.train = 2000, .valid = 1, .test = 2000});
  return made;
}

// ---- A linear reader of the data ----

const Sequence& sequence_of(const Split& split, Modality m) {
  if (m == Modality::language) return split.text;
  return m == Modality::vision ? split.vision : split.audio;
}

// An utterance as a linear reader sees it: for each of the modalities the mean over the later half
// of time, which is never padding, and a one.
Row pooled(const Split& split, std::int64_t utterance, std::span<const Modality> modalities) {
  Row row{1.0};
  for (Modality m : modalities) {
    const Sequence& s = sequence_of(split, m);
    const std::int64_t begin = s.steps / 2;
    for (std::int64_t i = 0; i < s.width; ++i) {
      double sum = 0;
      for (std::int64_t t = begin; t < s.steps; ++t)
        sum += s.values[static_cast<std::size_t>((utterance * s.steps + t) * s.width + i)];
      row.push_back(sum / static_cast<double>(s.steps - begin));
    }
  }
  return row;
}

std::vector<Row> pooled(const Split& split, std::span<const Modality> modalities) {
  std::vector<Row> rows;
  for (std::int64_t k = 0; k < split.size(); ++k) rows.push_back(pooled(split, k, modalities));
  return rows;
}

// Fits a target on train and scores it on test.
Metrics linear_score(std::span<const Modality> modalities, const Row& train_target,
                     const Row& test_target) {
  const Dataset& data = large().data;
  const Row weights = ridge(pooled(data.train, modalities), train_target, 1.0);
  std::vector<float> predictions, targets(test_target.begin(), test_target.end());
  for (const Row& row : pooled(data.test, modalities))
    predictions.push_back(static_cast<float>(dot(row, weights)));
  return score(predictions, targets, static_cast<std::int64_t>(targets.size()));
}

Row labels_of(const Split& split) { return {split.labels.begin(), split.labels.end()}; }

Metrics label_score(std::span<const Modality> modalities) {
  const Dataset& data = large().data;
  return linear_score(modalities, labels_of(data.train), labels_of(data.test));
}

template <class Pick>
Metrics factor_score(Modality reader, Pick pick) {
  const auto targets = [&](const std::vector<Factors>& factors) {
    Row row;
    std::ranges::transform(factors, std::back_inserter(row), pick);
    return row;
  };
  const SyntheticTruth& truth = large().truth;
  return linear_score(std::array{reader}, targets(truth.train), targets(truth.test));
}

double constant_error() {
  const std::vector<float>& train = large().data.train.labels;
  const std::vector<float>& test = large().data.test.labels;
  std::vector<float> sorted = train;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(train.size() / 2));
  const float median = sorted[train.size() / 2];  // the constant of least absolute error
  return score(std::vector<float>(test.size(), median), test, 1).mae;
}

// ---- Planted structure ----

TEST(Synthetic, AConstantPredictorErrsByAboutOne) { EXPECT_NEAR(constant_error(), 1.0, 0.12); }

TEST(Synthetic, EachModalityBeatsTheConstantAndLanguageIsTheBest) {
  const double language = label_score(std::array{Modality::language}).mae;
  const double vision = label_score(std::array{Modality::vision}).mae;
  const double audio = label_score(std::array{Modality::audio}).mae;
  EXPECT_LT(language, 0.75 * constant_error());
  EXPECT_LT(vision, 0.9 * constant_error());
  EXPECT_LT(audio, 0.95 * constant_error());
  EXPECT_LT(language, 0.9 * vision);
  EXPECT_LT(vision, audio);
  EXPECT_EQ(large().truth.best, Modality::language);
}

TEST(Synthetic, AllModalitiesTogetherBeatTheBest) {
  EXPECT_LT(label_score(kModalities).mae, 0.85 * label_score(std::array{Modality::language}).mae);
}

TEST(Synthetic, EveryModalityShowsTheSharedFactor) {
  const auto shared = [](const Factors& f) { return f.shared; };
  for (Modality m : kModalities) EXPECT_GT(factor_score(m, shared).corr, 0.7) << name_of(m);
}

TEST(Synthetic, OnlyAModalityItselfShowsItsOwnFactor) {
  for (Modality owner : kModalities) {
    const auto own = [&](const Factors& f) { return f.own[index_of(owner)]; };
    for (Modality reader : kModalities) {
      const double corr = factor_score(reader, own).corr;
      if (reader == owner)
        EXPECT_GT(corr, 0.7) << name_of(owner);
      else
        EXPECT_LT(std::abs(corr), 0.25) << name_of(owner) << " read from " << name_of(reader);
    }
  }
}

TEST(Synthetic, LabelsAreTheWeightedFactors) {
  const SyntheticTruth& truth = large().truth;
  for (std::size_t k = 0; k < truth.test.size(); ++k) {
    double expected = truth.weight_shared * truth.test[k].shared;
    for (std::size_t m = 0; m < 3; ++m) expected += truth.weight_own[m] * truth.test[k].own[m];
    EXPECT_NEAR(large().data.test.labels[k], std::clamp(expected, -3.0, 3.0), 0.1001);
  }
}

// The stated ratio is that of the trace along the factor's direction to the noise: each number's
// variance is 1 + (ratio² · 2 factors) / width in the mean over the features.
TEST(Synthetic, SignalToNoiseIsAsStated) {
  const Split& train = large().data.train;
  for (Modality m : kModalities) {
    const Sequence& s = sequence_of(train, m);
    double squares = 0, n = 0;
    for (std::int64_t k = 0; k < s.n; ++k) {
      for (std::int64_t t = s.steps / 2; t < s.steps; ++t) {
        for (std::int64_t i = 0; i < s.width; ++i, ++n) {
          const double x = s.values[static_cast<std::size_t>((k * s.steps + t) * s.width + i)];
          squares += x * x;
        }
      }
    }
    const double ratio = large().truth.signal_to_noise[index_of(m)];
    EXPECT_NEAR(squares / n, 1 + 2 * ratio * ratio / static_cast<double>(s.width), 0.03)
        << name_of(m);
  }
}

// ---- Form ----

TEST(Synthetic, PadsWithZerosOnTheLeftAndByDifferentLengths) {
  for (Modality m : kModalities) {
    const Sequence& s = sequence_of(standard().data.valid, m);
    std::set<std::int64_t> lengths;
    for (std::int64_t k = 0; k < s.n; ++k) {
      const auto row = s.values.begin() + k * s.steps * s.width;
      const auto first = std::find_if(row, row + s.steps * s.width, [](float x) { return x != 0; });
      EXPECT_EQ((first - row) % s.width, 0) << "padding fills whole time steps";
      EXPECT_EQ(std::count(first, row + s.steps * s.width, 0.0f), 0);
      lengths.insert(s.steps - (first - row) / s.width);
    }
    EXPECT_EQ(*lengths.begin(), (s.steps + 1) / 2) << name_of(m);
    EXPECT_EQ(*lengths.rbegin(), s.steps) << name_of(m);
  }
}

TEST(Synthetic, LabelsAreMultiplesOfAFifthWithinThree) {
  std::set<float> seen;
  for (float label : standard().data.train.labels) {
    EXPECT_LE(std::abs(label), 3.0f);
    EXPECT_NEAR(label * 5, std::nearbyint(label * 5), 1e-5);
    EXPECT_FALSE(label == 0 && std::signbit(label));
    seen.insert(label);
  }
  EXPECT_GT(seen.size(), 25u);
  EXPECT_TRUE(seen.contains(0.0f));
}

TEST(Synthetic, SplitsAreWhole) {
  const Dataset& data = standard().data;
  EXPECT_EQ(data.source, "synthetic:1000");
  for (const Split* split : {&data.train, &data.valid, &data.test}) {
    const auto n = static_cast<std::size_t>(split->size());
    EXPECT_EQ(split->ids.size(), n);
    EXPECT_EQ(split->raw_text.size(), n);
    for (Modality m : kModalities) {
      const Sequence& s = sequence_of(*split, m);
      EXPECT_EQ(s.n, split->size());
      EXPECT_EQ(s.values.size(), n * static_cast<std::size_t>(s.steps * s.width));
    }
  }
  EXPECT_EQ(standard().truth.train.size(), data.train.labels.size());
  EXPECT_EQ(data.test.ids.back(), "test-199");
  EXPECT_THAT(data.test.raw_text.front(), HasSubstr("shared"));
}

TEST(Synthetic, HasTheSizesThatThePresetTinyNames) {
  EXPECT_EQ(input_sizes(standard().data.train), preset_named("tiny").standard);
}

// ---- Determinism ----

// FNV-1a over the bytes of every number.
std::uint64_t checksum(const Dataset& data) {
  std::uint64_t hash = 14695981039346656037u;
  const auto add = [&](const std::vector<float>& values) {
    for (float value : values) {
      std::uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      for (int shift = 0; shift < 32; shift += 8)
        hash = (hash ^ ((bits >> shift) & 0xff)) * 1099511628211u;
    }
  };
  for (const Split* split : {&data.train, &data.valid, &data.test}) {
    add(split->labels);
    for (Modality m : kModalities) add(sequence_of(*split, m).values);
  }
  return hash;
}

TEST(Synthetic, IsTheSameOnEveryPlatform) {
  EXPECT_EQ(checksum(standard().data), 15555205038854920000u);
}

TEST(Synthetic, OtherSeedsGiveOtherData) {
  EXPECT_NE(checksum(make_synthetic({.seed = 2}).data), checksum(standard().data));
}

TEST(Synthetic, ALargerSetBeginsWithTheSmaller) {
  const Dataset small = make_synthetic({.train = 5, .valid = 1, .test = 1}).data;
  const Dataset& large = standard().data;
  EXPECT_TRUE(
      std::equal(small.train.labels.begin(), small.train.labels.end(), large.train.labels.begin()));
  EXPECT_TRUE(std::equal(small.train.audio.values.begin(), small.train.audio.values.end(),
                         large.train.audio.values.begin()));
}

// ---- Arguments ----

TEST(Synthetic, ReadsItsArgument) {
  EXPECT_TRUE(is_synthetic("synthetic"));
  EXPECT_TRUE(is_synthetic("synthetic:50"));
  EXPECT_FALSE(is_synthetic("synthetic.pkl"));
  EXPECT_EQ(parse_synthetic("synthetic").train, 600);
  const SyntheticOptions options = parse_synthetic("synthetic:53");
  EXPECT_EQ(options.train, 33);
  EXPECT_EQ(options.valid, 10);
  EXPECT_EQ(options.test, 10);
}

TEST(Synthetic, BadArgumentsAreNamed) {
  for (const char* argument :
       {"synthetic:", "synthetic:0", "synthetic:9", "synthetic:-5", "synthetic:many",
        "synthetic:50x", "synthetic:100001", "synthetic:99999999999999999999"}) {
    EXPECT_THAT(error_of([&] { parse_synthetic(argument); }),
                HasSubstr(std::string("'") + argument + "' names no built-in data"));
  }
}

TEST(Synthetic, SizesThatHoldNothingAreRefused) {
  EXPECT_THAT(error_of([] { make_synthetic({.valid = 0}); }), HasSubstr("at least 1 utterance"));
  EXPECT_THAT(error_of([] {
                make_synthetic({.widths = {16, 12, 1}});
              }),
              HasSubstr("audio must be at least 2 wide"));
  EXPECT_THAT(error_of([] { make_synthetic({.steps = {0, 1, 1}}); }), HasSubstr("text must be"));
}

TEST(Synthetic, ClassesAreThirdsOfTheSentiment) {
  const Synthetic made = make_synthetic({.task = Task::classification});
  const Split &numbers = standard().data.train, &classes = made.data.train;
  EXPECT_EQ(classes.text.values, numbers.text.values);
  std::array<int, 3> counts{};
  for (std::size_t i = 0; i < numbers.labels.size(); ++i) {
    const float label = numbers.labels[i];
    const char* expected = label < -0.5f ? "negative" : label > 0.5f ? "positive" : "neutral";
    EXPECT_EQ(classes.classes[i], expected) << label;
    EXPECT_TRUE(std::isnan(classes.labels[i]));  // until the classes are numbered
    ++counts[label < -0.5f ? 0 : label > 0.5f ? 2 : 1];
  }
  for (const int count : counts) EXPECT_NEAR(count / 600.0, 1.0 / 3, 0.06);
  EXPECT_TRUE(numbers.classes.empty());
}

TEST(Synthetic, HasNoEmotions) {
  EXPECT_THAT(error_of([] { make_synthetic({.task = Task::emotion}); }),
              HasSubstr("the built-in data have sentiment and classes of it, and no emotions"));
}

}  // namespace
}  // namespace dmd
