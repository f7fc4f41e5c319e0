#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "dmd/metrics/pairs.h"
#include "dmd/metrics/scores.h"
#include "engine/error.h"

namespace dmd {
namespace {

// An answer to one question: its logits, and which of them should be the largest.
struct Answer {
  std::span<const float> logits;
  std::size_t label;

  // The first of equal ones.
  std::size_t prediction() const {
    return static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin());
  }

  // -log softmax(logits)[label], with the largest logit taken off first, so that nothing overflows.
  double cross_entropy() const {
    const double largest = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(logit - largest);
    return std::log(sum) - (logits[label] - largest);
  }
};

// Answers to `questions` questions of `choices` choices each, for n utterances.
class Answers {
 public:
  Answers(std::span<const float> logits, std::span<const float> labels, std::size_t questions,
          std::size_t choices)
      : logits_(logits), labels_(labels), questions_(questions), choices_(choices) {
    if (labels.empty()) trine::fail("metrics: there are no predictions to score");
    if (labels.size() % questions != 0 || logits.size() != labels.size() * choices)
      trine::fail("metrics: {} logits came with {} labels, and {} of {} each are expected",
                  logits.size(), labels.size(), questions, choices);
    for (std::size_t i = 0; i < labels.size(); ++i) check(i);
  }

  std::size_t utterances() const { return labels_.size() / questions_; }

  Answer at(std::size_t utterance, std::size_t question) const {
    const std::size_t i = utterance * questions_ + question;
    return {logits_.subspan(i * choices_, choices_), static_cast<std::size_t>(labels_[i])};
  }

 private:
  void check(std::size_t i) const {
    const float label = labels_[i];
    if (!(label >= 0 && label < static_cast<float>(choices_)) || label != std::floor(label))
      trine::fail("metrics: utterance {} of {} has the label {}, and the classes are 0 to {}",
                  i / questions_, utterances(), label, choices_ - 1);
    const auto logits = logits_.subspan(i * choices_, choices_);
    if (std::ranges::all_of(logits, [](float x) { return std::isfinite(x); })) return;
    trine::fail(
        "metrics: utterance {} of {} has logits that are not finite, which cannot be scored; "
        "training has diverged: try a smaller learning_rate",
        i / questions_, utterances());
  }

  std::span<const float> logits_, labels_;
  std::size_t questions_, choices_;
};

Confusion confusion_of(const Answers& answers, std::size_t question, std::size_t choices) {
  Confusion confusion(choices);
  for (std::size_t i = 0; i < answers.utterances(); ++i) {
    const Answer answer = answers.at(i, question);
    confusion.add(answer.label, answer.prediction());
  }
  return confusion;
}

double mean_loss(const Answers& answers, std::size_t questions, std::int64_t batch_size) {
  std::vector<double> losses;
  for (std::size_t i = 0; i < answers.utterances(); ++i) {
    double sum = 0;
    for (std::size_t q = 0; q < questions; ++q) sum += answers.at(i, q).cross_entropy();
    losses.push_back(sum / static_cast<double>(questions));
  }
  return mean_over_batches(losses, batch_size);
}

}  // namespace

Scores class_scores(std::span<const float> logits, std::span<const float> labels,
                    const std::vector<std::string>& classes, std::int64_t batch_size) {
  const Answers answers(logits, labels, /*questions=*/1, classes.size());
  Confusion confusion = confusion_of(answers, 0, classes.size());
  return {.values = {{"Acc", confusion.accuracy()},
                     {"Weighted_acc", confusion.mean_recall()},
                     {"Macro_F1", confusion.macro_f1()},
                     {"Weighted_F1", confusion.weighted_f1()},
                     {"Loss", mean_loss(answers, 1, batch_size)}},
          .headline = {"Acc", "Macro_F1", "Loss"},
          .n = static_cast<std::int64_t>(answers.utterances()),
          .tables = {{"", classes, std::move(confusion)}}};
}

Scores question_scores(std::span<const float> logits, std::span<const float> labels,
                       const std::vector<std::string>& questions, std::int64_t batch_size) {
  const Answers answers(logits, labels, questions.size(), /*choices=*/2);
  Scores scores{.values = {},
                .headline = {},
                .n = static_cast<std::int64_t>(answers.utterances()),
                .tables = {}};
  for (std::size_t q = 0; q < questions.size(); ++q) {
    Confusion confusion = confusion_of(answers, q, 2);
    scores.values.emplace_back(fmt::format("Acc_{}", questions[q]), confusion.accuracy());
    scores.values.emplace_back(fmt::format("F1_{}", questions[q]), confusion.weighted_f1());
    scores.headline.push_back(scores.values[2 * q].first);
    scores.tables.push_back({questions[q], {"no", "yes"}, std::move(confusion)});
  }
  scores.values.emplace_back("Loss", mean_loss(answers, questions.size(), batch_size));
  scores.headline.emplace_back("Loss");
  return scores;
}

}  // namespace dmd
