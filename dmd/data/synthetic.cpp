#include "dmd/data/synthetic.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "dmd/data/random.h"
#include "engine/error.h"

namespace dmd {
namespace {

constexpr double kWeightShared = 0.75;
constexpr std::array kWeightOwn{0.8, 0.5, 0.3};  // l, v, a
constexpr std::array kStrength{0.9, 0.6, 0.4};   // l, v, a
constexpr double kLabelStep = 0.2;
constexpr double kLabelLimit = 3.0;
constexpr float kNeutral = 0.5f;  // no label lies on it

constexpr std::uint64_t kDirectionsStream = std::numeric_limits<std::uint64_t>::max();

using Direction = std::vector<double>;  // of unit length

double dot(const Direction& a, const Direction& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// Where in a modality's feature space its two factors show.
struct Directions {
  Direction shared, own;
};

Direction random_direction(Random& random, std::int64_t width) {
  Direction direction(static_cast<std::size_t>(width));
  for (double& x : direction) x = random.normal();
  const double length = std::sqrt(dot(direction, direction));
  for (double& x : direction) x /= length;
  return direction;
}

Directions random_directions(Random& random, std::int64_t width) {
  Directions directions{random_direction(random, width), random_direction(random, width)};
  Direction& own = directions.own;
  const double overlap = dot(directions.shared, own);
  for (std::size_t i = 0; i < own.size(); ++i) own[i] -= overlap * directions.shared[i];
  const double length = std::sqrt(dot(own, own));
  for (double& x : own) x /= length;
  return directions;
}

// A triangle wave between 0.5 and 1.5 with mean 1: a stand-in for a sine that takes exact
// arithmetic alone.
double wave(double phase) {
  const double x = phase - std::floor(phase);
  return 0.5 + 2.0 * std::abs(x - 0.5);
}

// How a factor shows over time in one sequence: steadily, but swelling and ebbing.
struct Rhythm {
  explicit Rhythm(Random& random) : cycles(1.0 + 2.0 * random.uniform()), start(random.uniform()) {}

  double at(double progress) const { return wave(start + cycles * progress); }

  double cycles, start;
};

// Mean of wave(x)^2 over a cycle: 1 + 1/12.
constexpr double kWavePower = 13.0 / 12.0;

struct Maker {
  const SyntheticOptions& options;
  std::array<Directions, 3> directions;

  void add_sequence(Random& random, Modality m, const Factors& factors, Sequence& into) const;
  void add_label(float label, Split& into) const;
  Factors add_utterance(Random random, std::string id, Split& into) const;
  std::vector<Factors> fill(std::string_view name, std::uint64_t index, std::int64_t n,
                            Split& into) const;
};

Factors random_factors(Random& random) {
  Factors factors;
  factors.shared = random.normal();
  for (double& own : factors.own) own = random.normal();
  return factors;
}

float label_of(const Factors& factors) {
  double label = kWeightShared * factors.shared;
  for (Modality m : kModalities) label += kWeightOwn[index_of(m)] * factors.own[index_of(m)];
  label = std::clamp(label, -kLabelLimit, kLabelLimit);
  // Adding 0 turns the negative zero that rounding may leave into zero.
  return static_cast<float>(std::nearbyint(label / kLabelStep) * kLabelStep + 0.0);
}

void Maker::add_sequence(Random& random, Modality m, const Factors& factors, Sequence& into) const {
  const Directions& along = directions[index_of(m)];
  const double strength = kStrength[index_of(m)];
  const std::int64_t shortest = (into.steps + 1) / 2;
  const std::int64_t length =
      shortest + static_cast<std::int64_t>(
                     random.below(static_cast<std::uint64_t>(into.steps - shortest + 1)));
  const Rhythm shared_rhythm(random), own_rhythm(random);

  const std::int64_t padding = (into.steps - length) * into.width;
  into.values.resize(into.values.size() + static_cast<std::size_t>(padding));
  for (std::int64_t t = 0; t < length; ++t) {
    const double progress = static_cast<double>(t) / static_cast<double>(length);
    const double shared = strength * factors.shared * shared_rhythm.at(progress);
    const double own = strength * factors.own[index_of(m)] * own_rhythm.at(progress);
    for (std::size_t i = 0; i < along.shared.size(); ++i) {
      const double value = shared * along.shared[i] + own * along.own[i] + random.normal();
      into.values.push_back(static_cast<float>(value));
    }
  }
  ++into.n;
}

void Maker::add_label(float label, Split& into) const {
  if (options.task == Task::classification) {
    into.classes.emplace_back(std::abs(label) < kNeutral ? "neutral"
                              : label < 0                ? "negative"
                                                         : "positive");
    label = std::numeric_limits<float>::quiet_NaN();  // until classes are numbered
  }
  into.labels.push_back(label);
}

Factors Maker::add_utterance(Random random, std::string id, Split& into) const {
  const Factors factors = random_factors(random);
  into.ids.push_back(std::move(id));
  into.raw_text.push_back(
      fmt::format("shared {:+.2f}, language {:+.2f}, vision {:+.2f}, audio {:+.2f}", factors.shared,
                  factors.own[0], factors.own[1], factors.own[2]));
  add_label(label_of(factors), into);
  add_sequence(random, Modality::language, factors, into.text);
  add_sequence(random, Modality::vision, factors, into.vision);
  add_sequence(random, Modality::audio, factors, into.audio);
  return factors;
}

std::vector<Factors> Maker::fill(std::string_view name, std::uint64_t index, std::int64_t n,
                                 Split& into) const {
  const auto empty = [&](Modality m) {
    Sequence sequence{.n = 0,
                      .steps = options.steps[index_of(m)],
                      .width = options.widths[index_of(m)],
                      .values = {}};
    sequence.values.reserve(static_cast<std::size_t>(n * sequence.steps * sequence.width));
    return sequence;
  };
  into.text = empty(Modality::language);
  into.vision = empty(Modality::vision);
  into.audio = empty(Modality::audio);

  std::vector<Factors> factors;
  for (std::int64_t k = 0; k < n; ++k) {
    // A stream an utterance: the first ones stay the same whatever the number of them.
    const std::uint64_t stream = (index << 32) + static_cast<std::uint64_t>(k);
    factors.push_back(
        add_utterance(Random(options.seed, stream), fmt::format("{}-{}", name, k), into));
  }
  return factors;
}

void check(const SyntheticOptions& options) {
  if (options.task == Task::emotion)
    trine::fail(
        "the built-in data have sentiment and classes of it, and no emotions: train on a feature "
        "file, or with task=regression or task=classification");
  const auto least = std::min({options.train, options.valid, options.test});
  if (least < 1)
    trine::fail("synthetic data: a split must have at least 1 utterance, not {}", least);
  for (Modality m : kModalities) {
    const std::int64_t width = options.widths[index_of(m)], steps = options.steps[index_of(m)];
    if (width < 2 || steps < 1) {
      trine::fail("synthetic data: {} must be at least 2 wide and 1 step long, not {} and {}",
                  name_of(m), width, steps);
    }
  }
}

SyntheticTruth truth_of_constants() {
  SyntheticTruth truth;
  truth.weight_shared = kWeightShared;
  truth.weight_own = kWeightOwn;
  for (Modality m : kModalities)
    truth.signal_to_noise[index_of(m)] = kStrength[index_of(m)] * std::sqrt(kWavePower);
  truth.best = Modality::language;
  return truth;
}

}  // namespace

Synthetic make_synthetic(const SyntheticOptions& options) {
  check(options);
  Random random(options.seed, kDirectionsStream);
  Maker maker{.options = options, .directions = {}};
  for (Modality m : kModalities)
    maker.directions[index_of(m)] = random_directions(random, options.widths[index_of(m)]);

  Synthetic made{.data = {}, .truth = truth_of_constants()};
  made.data.source = fmt::format("synthetic:{}", options.train + options.valid + options.test);
  made.truth.train = maker.fill("train", 0, options.train, made.data.train);
  made.truth.valid = maker.fill("valid", 1, options.valid, made.data.valid);
  made.truth.test = maker.fill("test", 2, options.test, made.data.test);
  return made;
}

bool is_synthetic(std::string_view data) {
  return data == "synthetic" || data.starts_with("synthetic:");
}

SyntheticOptions parse_synthetic(std::string_view data) {
  constexpr std::int64_t kFewest = 10, kMost = 100'000;
  SyntheticOptions options;
  if (data == "synthetic") return options;

  std::string_view number = data.substr(std::min(data.find(':') + 1, data.size()));
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), n);
  const bool whole = error == std::errc() && end == number.data() + number.size();
  if (!is_synthetic(data) || !whole || n < kFewest || n > kMost) {
    trine::fail(
        "'{}' names no built-in data: expected synthetic or synthetic:N with a whole number "
        "of utterances from {} to {}, for example synthetic:1000",
        data, kFewest, kMost);
  }
  options.valid = options.test = n / 5;
  options.train = n - options.valid - options.test;
  return options;
}

}  // namespace dmd
