// Built-in data with planted structure, so that what a model learns can be checked against truth.
//
// Every utterance draws four independent factors of mean 0 and variance 1: one `shared` by the
// three modalities and one of each modality's `own`. The label is their weighted sum, limited to
// [-3, 3] and rounded to multiples of 0.2, as MOSI's five annotators give it; the constant
// predictor has a mean absolute error of about 1. A modality shows two directions of its feature
// space that are orthogonal: along one runs the shared factor, along the other its own, each
// modulated over time, both times the modality's strength, under noise of variance 1 a number.
// Language is the strongest modality and its own factor weighs the most; vision comes second and
// audio last. Sequences have lengths of their own and are padded with zeros on the left.
//
// As classes, an utterance is "negative" where its label is below -0.5, "positive" where it is
// above 0.5 and "neutral" between, about a third of them each; the constant predictor is right
// about as often. There are no emotions.
//
// Equal options give equal bits on every platform, as only additions, products, quotients and
// square roots are taken and the build forbids to contract them; a larger data set begins with the
// smaller.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dmd/config/modality.h"
#include "dmd/config/task.h"
#include "dmd/data/dataset.h"

namespace dmd {

struct SyntheticOptions {
  std::int64_t train = 600, valid = 200, test = 200;  // utterances a split
  std::array<std::int64_t, 3> widths{16, 12, 8};      // l, v, a
  std::array<std::int64_t, 3> steps{12, 16, 20};      // l, v, a
  std::uint64_t seed = 1;
  Task task = Task::regression;  // what the labels are of
};

// What one utterance was made from.
struct Factors {
  double shared = 0;
  std::array<double, 3> own{};  // l, v, a
};

struct SyntheticTruth {
  // The label before rounding: weight_shared * shared + sum over m of weight_own[m] * own[m].
  double weight_shared = 0;
  std::array<double, 3> weight_own{};  // l, v, a

  // Standard deviation of a factor's trace along its direction over that of the noise along it, at
  // one time step; averaging over T steps multiplies it by sqrt(T).
  std::array<double, 3> signal_to_noise{};  // l, v, a

  // The modality from which the label can be told best: the one that should teach the others.
  Modality best = Modality::language;

  std::vector<Factors> train, valid, test;  // one an utterance
};

struct Synthetic {
  Dataset data;
  SyntheticTruth truth;
};

// Throws trine::Error for emotions, for sizes below 1 and for widths below 2, which hold no two
// directions.
Synthetic make_synthetic(const SyntheticOptions& options);

// Whether a --data argument asks for built-in data: "synthetic" or "synthetic:...".
bool is_synthetic(std::string_view data);

// The options of "synthetic" (1000 utterances) or "synthetic:N": N utterances in all, three fifths
// of them for training and a fifth each for validation and test. Throws trine::Error unless N is a
// whole number from 10 to 100000.
SyntheticOptions parse_synthetic(std::string_view data);

}  // namespace dmd
