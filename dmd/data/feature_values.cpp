#include "dmd/data/feature_values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/ranges.h>

#include "engine/error.h"
#include "engine/io/utf8.h"

namespace dmd {
namespace {

using trine::io::Array;
using trine::io::ElementType;
using trine::io::printable;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// No feature means anything beyond, and sums of squares of it would come near the end of f32.
constexpr float kLargest = 1e15f;

bool is_good(float value) { return std::abs(value) <= kLargest; }  // false for NaN

// What stands in the file, which f32 may not hold.
double in_file(const Array& array, std::size_t index, float converted) {
  if (array.type() != ElementType::f64) return converted;
  return trine::io::load<double>(array.bytes().data() + index * sizeof(double));
}

std::string reason(double in_file, float converted) {
  if (std::isnan(in_file)) return "not a number (NaN)";
  if (std::isinf(in_file)) return in_file > 0 ? "infinite" : "minus infinite";
  if (std::isinf(converted)) return fmt::format("{}, which does not fit 32 bits", in_file);
  return fmt::format("{}, and {:g} is the most that can be computed with", in_file, kLargest);
}

std::string number_of(std::int64_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

}  // namespace

std::vector<float> FeatureValues::take(const Array& array, const std::string& split,
                                       const std::string& field,
                                       const std::vector<std::string>& ids) {
  constexpr std::size_t kNamed = 3;
  std::vector<float> values = array.to_f32();
  const auto& shape = array.shape();
  const auto width = static_cast<std::size_t>(shape[2]);
  const std::size_t sample_size = static_cast<std::size_t>(shape[1]) * width;
  Place place{split, field};
  std::optional<std::size_t> last_sample;

  const auto bad = [](float value) { return !is_good(value); };
  for (auto at = std::ranges::find_if(values, bad); at != values.end();
       at = std::find_if(at + 1, values.end(), bad)) {
    const auto index = static_cast<std::size_t>(at - values.begin());
    const float converted = std::exchange(*at, 0.0f);
    const double original = in_file(array, index, converted);
    if (field == "audio" && original == -kInfinity) continue;

    const std::size_t sample = index / sample_size;
    ++place.values;
    if (last_sample != sample) ++place.samples;
    last_sample = sample;
    if (first_.size() == kNamed) continue;
    first_.push_back(fmt::format("in {}, {} of sample '{}' at step {}, feature {} is {}", split,
                                 field, printable(ids[sample]), index % sample_size / width,
                                 index % width, reason(original, converted)));
  }
  if (place.values > 0) places_.push_back(place);
  return values;
}

std::string FeatureValues::counts() const {
  std::vector<std::string> out;
  for (const Place& place : places_) {
    out.push_back(fmt::format("{} in {} of {} ({})", number_of(place.values, "value"), place.field,
                              place.split, number_of(place.samples, "sample")));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string FeatureValues::finish() const {
  if (places_.empty()) return {};
  if (nonfinite_ == Nonfinite::zero) return fmt::format("zeros replace {}", counts());
  trine::fail(
      "{} cannot be computed with; first of all, {}: mend or leave out these samples, or put zeros "
      "there with nonfinite=zero (--set nonfinite=zero, and --nonfinite zero of convert)",
      counts(), fmt::join(first_, "; "));
}

}  // namespace dmd
