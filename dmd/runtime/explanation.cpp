#include "dmd/runtime/explanation.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace dmd {
namespace {

// "edges_homo: homo_l_to_a 0.70".
std::string strongest_edge(const PredictedOutput& edges, std::size_t row) {
  const auto strongest =
      std::ranges::max_element(edges.columns, {}, [&](const Column& c) { return c.values[row]; });
  return fmt::format("{}: {} {:.2f}", edges.info.name, strongest->name, strongest->values[row]);
}

}  // namespace

std::string gauge(float score) {
  constexpr int kHalf = 12;  // cells on each side of 0
  std::string cells(2 * kHalf + 1, '-');
  cells[kHalf] = '|';
  const float place = std::clamp(score, -3.0f, 3.0f) / 3.0f * kHalf;
  cells[static_cast<std::size_t>(kHalf + std::lround(place))] = 'o';
  return fmt::format("-3 [{}] +3", cells);
}

std::string explanation(const Predictions& predictions, const std::vector<OutputInfo>& known,
                        const Split& split, std::size_t row) {
  const float score = predictions.prediction()[row];
  std::string text = fmt::format("{}: {}\n", split.ids[row], split.raw_text[row]);
  const float label = split.labels[row];
  text += fmt::format("  score  {:+.2f}  {}", score, gauge(score));
  text += std::isnan(label) ? "\n" : fmt::format("   label {:+.2f}\n", label);
  for (const PredictedOutput& output : predictions.outputs) {
    if (std::ranges::find(known, output.info.name, &OutputInfo::name) == known.end()) continue;
    if (output.info.kind == OutputKind::head)
      text += fmt::format("  head   {:+.2f}  {}\n", output.columns.front().values[row],
                          output.info.meaning);
    if (output.info.kind == OutputKind::edges)
      text += fmt::format("  edges  {}\n", strongest_edge(output, row));
  }
  return text;
}

}  // namespace dmd
