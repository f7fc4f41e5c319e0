#include "dmd/runtime/explanation.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "dmd/runtime/answers.h"

namespace dmd {
namespace {

// "edges_homo: homo_l_to_a 0.70".
std::string strongest_edge(const PredictedOutput& edges, std::size_t row) {
  const auto strongest =
      std::ranges::max_element(edges.columns, {}, [&](const Column& c) { return c.values[row]; });
  return fmt::format("{}: {} {:.2f}", edges.info.name, strongest->name, strongest->values[row]);
}

// "happy 0.62, sad 0.30, angry 0.08": the likeliest first.
std::string likeliest(std::vector<Choice> choices) {
  std::ranges::stable_sort(choices, std::greater(), &Choice::probability);
  std::string text;
  for (const Choice& choice : choices)
    text += fmt::format("{}{} {:.2f}", text.empty() ? "" : ", ", choice.name, choice.probability);
  return text;
}

bool is_number(const Config& config) { return config.task == Task::regression; }

std::string answer(const std::vector<float>& numbers, const Config& config) {
  if (!is_number(config)) return fmt::format("  answer {}", likeliest(choices_of(numbers, config)));
  const float limit = config.metrics == MetricSet::sims ? 1.0f : 3.0f;
  return fmt::format("  score  {:+.2f}  {}", numbers.front(), gauge(numbers.front(), limit));
}

std::string label_of(std::span<const float> label, const Config& config) {
  if (!is_number(config)) return text_of_label(label, config);
  return std::isnan(label.front()) ? "" : fmt::format("{:+.2f}", label.front());
}

// As wide as the longest class.
std::string head(const std::vector<float>& numbers, const Config& config) {
  if (is_number(config)) return fmt::format("{:+.2f}", numbers.front());
  std::size_t width = 0;
  for (const std::string& name : config.classes) width = std::max(width, name.size());
  return fmt::format("{:<{}}", text_of_label(decided(numbers, config), config), width);
}

}  // namespace

std::string gauge(float score, float limit) {
  constexpr int kHalf = 12;  // cells on each side of 0
  std::string cells(2 * kHalf + 1, '-');
  cells[kHalf] = '|';
  const float place = std::clamp(score, -limit, limit) / limit * kHalf;
  cells[static_cast<std::size_t>(kHalf + std::lround(place))] = 'o';
  return fmt::format("-{0:g} [{1}] +{0:g}", limit, cells);
}

std::string explanation(const Predictions& predictions, const std::vector<OutputInfo>& known,
                        const Split& split, std::size_t row, const Config& config) {
  std::string text = fmt::format("{}: {}\n", split.ids[row], split.raw_text[row]);
  text += answer(predictions.answer().row(row), config);
  const std::string label = label_of(split.label(row), config);
  text += label.empty() ? "\n" : fmt::format("   label {}\n", label);
  for (const PredictedOutput& output : predictions.outputs) {
    if (std::ranges::find(known, output.info.name, &OutputInfo::name) == known.end()) continue;
    if (output.info.kind == OutputKind::head)
      text += fmt::format("  head   {}  {}\n", head(output.row(row), config), output.info.meaning);
    if (output.info.kind == OutputKind::edges)
      text += fmt::format("  edges  {}\n", strongest_edge(output, row));
  }
  return text;
}

}  // namespace dmd
