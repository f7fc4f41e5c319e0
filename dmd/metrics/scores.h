// What was scored, whatever the task and the set of metrics: the form in which scores reach
// history, tables and JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmd/metrics/confusion.h"
#include "dmd/metrics/named_values.h"

namespace dmd {

// The confusion of one question: of the only one, without a name, or of one emotion.
struct ClassTable {
  std::string name;
  std::vector<std::string> classes;
  Confusion confusion;
};

struct Scores {
  NamedValues values;                 // in the order of reports; "Loss", the lower the better
  std::vector<std::string> headline;  // the names that a line of progress has room for
  std::int64_t n = 0;                 // utterances
  std::vector<ClassTable> tables;     // where answers are classes

  // Throws trine::Error if nothing of this name was scored.
  double operator[](std::string_view name) const;
  // The mean over batches of a batch's mean loss, as validation takes it.
  double loss() const { return (*this)["Loss"]; }
};

// "MAE 0.4186  Corr  0.9036  Acc_7 0.6200".
std::string headline_of(const Scores& scores);

// CMU-MOSI's metrics (metrics.h). These three throw as score() does.
Scores mosi_scores(std::span<const float> predictions, std::span<const float> labels,
                   std::int64_t batch_size);

// The same, with Non0_F1_mult beside Non0_F1.
Scores mult_scores(std::span<const float> predictions, std::span<const float> labels,
                   std::int64_t batch_size);

// CH-SIMS's, with the names and definitions of the MMSA framework
// (src/MMSA/utils/metricsTop.py, __eval_sims_regression), which limits predictions and labels to
// [-1, 1] first, in MAE and Corr too:
//   Mult_acc_2  classes [-1, 0], (0, 1]
//   Mult_acc_3  [-1, -0.1], (-0.1, 0.1], (0.1, 1]
//   Mult_acc_5  [-1, -0.7], (-0.7, -0.1], (-0.1, 0.1], (0.1, 0.7], (0.7, 1]
//   F1_score    of the two classes, weighted by their share of labels
Scores sims_scores(std::span<const float> predictions, std::span<const float> labels,
                   std::int64_t batch_size);

// Of one of K classes. `logits` (n, K), row-major; `labels` (n) are numbers of classes. The class
// of the largest logit is predicted, the first of equal ones. Values: Acc; Weighted_acc, the mean
// recall of the classes (elsewhere "unweighted" or "balanced" accuracy); Macro_F1; Weighted_F1;
// Loss, the cross-entropy. Throws trine::Error for numbers that do not fit together, a label that
// is no class and logits that are not finite.
Scores class_scores(std::span<const float> logits, std::span<const float> labels,
                    const std::vector<std::string>& classes, std::int64_t batch_size);

// Of several questions, each answered by a logit of no and one of yes: `logits` (n, questions, 2),
// `labels` (n, questions), 0 or 1. Values, as MulT's program scores IEMOCAP: for each question
// Acc_QUESTION and F1_QUESTION, that of the two classes weighted by their share of labels; then
// Loss, the mean cross-entropy. Equal logits are a no. Throws as class_scores() does.
Scores question_scores(std::span<const float> logits, std::span<const float> labels,
                       const std::vector<std::string>& questions, std::int64_t batch_size);

}  // namespace dmd
