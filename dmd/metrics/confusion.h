// How often each class was taken for each, and the shares that follow from it.
#pragma once

#include <cstddef>
#include <vector>

namespace dmd {

// A share of nothing is 0. The names are those of scikit-learn's classification report.
class Confusion {
 public:
  explicit Confusion(std::size_t classes) : classes_(classes), counts_(classes * classes) {}

  void add(std::size_t label, std::size_t prediction) { ++counts_[label * classes_ + prediction]; }

  std::size_t classes() const { return classes_; }
  std::size_t count(std::size_t label, std::size_t prediction) const {
    return counts_[label * classes_ + prediction];
  }
  std::size_t total() const;
  std::size_t support(std::size_t c) const;    // utterances of the class
  std::size_t predicted(std::size_t c) const;  // utterances taken for it

  double precision(std::size_t c) const;  // of those taken for the class, the share that is of it
  double recall(std::size_t c) const;     // of those of the class, the share taken for it
  double f1(std::size_t c) const;         // their harmonic mean

  double accuracy() const;
  // The mean recall of the classes that have utterances, so that each class weighs the same.
  double mean_recall() const;
  // The mean F1 of the classes that have utterances or were predicted.
  double macro_f1() const;
  // The mean F1, each class weighted by its utterances.
  double weighted_f1() const;

 private:
  std::size_t classes_;
  std::vector<std::size_t> counts_;  // [label][prediction]
};

}  // namespace dmd
