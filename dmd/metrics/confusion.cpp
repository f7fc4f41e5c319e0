#include "dmd/metrics/confusion.h"

#include <numeric>

namespace dmd {
namespace {

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// The mean of some of the classes.
class Mean {
 public:
  void add(double value) {
    sum_ += value;
    ++n_;
  }
  double value() const { return n_ == 0 ? 0 : sum_ / n_; }

 private:
  double sum_ = 0;
  int n_ = 0;
};

}  // namespace

std::size_t Confusion::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

std::size_t Confusion::support(std::size_t c) const {
  std::size_t n = 0;
  for (std::size_t prediction = 0; prediction < classes_; ++prediction) n += count(c, prediction);
  return n;
}

std::size_t Confusion::predicted(std::size_t c) const {
  std::size_t n = 0;
  for (std::size_t label = 0; label < classes_; ++label) n += count(label, c);
  return n;
}

double Confusion::precision(std::size_t c) const { return share(count(c, c), predicted(c)); }

double Confusion::recall(std::size_t c) const { return share(count(c, c), support(c)); }

double Confusion::f1(std::size_t c) const {
  return share(2 * count(c, c), support(c) + predicted(c));
}

double Confusion::accuracy() const {
  std::size_t hits = 0;
  for (std::size_t c = 0; c < classes_; ++c) hits += count(c, c);
  return share(hits, total());
}

double Confusion::mean_recall() const {
  Mean mean;
  for (std::size_t c = 0; c < classes_; ++c)
    if (support(c) > 0) mean.add(recall(c));
  return mean.value();
}

double Confusion::macro_f1() const {
  Mean mean;
  for (std::size_t c = 0; c < classes_; ++c)
    if (support(c) + predicted(c) > 0) mean.add(f1(c));
  return mean.value();
}

double Confusion::weighted_f1() const {
  double sum = 0;
  for (std::size_t c = 0; c < classes_; ++c) sum += share(support(c), total()) * f1(c);
  return sum;
}

}  // namespace dmd
