// What a trained model says of single utterances and why: the fused score on a gauge, what each
// modality says alone, and the strongest edge of each graph distillation unit.
//
//   infer CHECKPOINT DATA [COUNT [DEVICE]]
//
// CHECKPOINT is a run's folder or file, DATA a feature file or "synthetic"; the first COUNT
// utterances of the test split are shown (5 by default).
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "backends/registry.h"
#include "dmd/checkpoint/checkpoint.h"
#include "dmd/config/modality.h"
#include "dmd/data/feature_file.h"
#include "dmd/data/input_sizes.h"
#include "dmd/data/synthetic.h"
#include "dmd/models/blocks/graph_unit.h"
#include "dmd/runtime/inference.h"
#include "dmd/runtime/predictions.h"

namespace {

using namespace dmd;

// "-3 [-------o----|------------] +3"
std::string gauge(float score) {
  constexpr int kHalf = 12;  // cells on each side of 0
  std::string cells(2 * kHalf + 1, '-');
  cells[kHalf] = '|';
  const float place = std::clamp(score, -3.0f, 3.0f) / 3.0f * kHalf;
  cells[static_cast<std::size_t>(kHalf + std::lround(place))] = 'o';
  return fmt::format("-3 [{}] +3", cells);
}

float value_of(const std::vector<Column>& columns, const std::string& name, std::size_t row) {
  return std::ranges::find(columns, name, &Column::name)->values[row];
}

// What the heads of one unit's side say: homo looks at what the modalities have in common, hetero
// at what each has of its own.
std::string opinions(const Predictions& predictions, std::string_view unit, std::size_t row) {
  std::string text;
  for (const Modality m : kModalities) {
    const std::string head = fmt::format("logit_{}_{}", unit, letter_of(m));
    text += fmt::format("  {} {:+.2f}", name_of(m), value_of(predictions.heads, head, row));
  }
  return text;
}

// Columns of edges are in the order of kEdgeList; those of the hetero unit come second.
std::string strongest_edge(const Predictions& predictions, std::size_t unit, std::size_t row) {
  const auto first = predictions.edges.begin() + static_cast<std::ptrdiff_t>(unit * kEdges);
  const auto strongest = std::max_element(
      first, first + kEdges,
      [&](const Column& x, const Column& y) { return x.values[row] < y.values[row]; });
  const Edge& edge = kEdgeList[static_cast<std::size_t>(strongest - first)];
  return fmt::format("{} teaches {}, {:.2f}", name_of(edge.teacher), name_of(edge.student),
                     strongest->values[row]);
}

void show(const Predictions& predictions, const Split& split, bool with_edges, std::size_t row) {
  fmt::print("{}: {}\n", split.ids[row], split.raw_text[row]);
  fmt::print("  score   {:+.2f}  {}   label {:+.2f}\n", predictions.output[row],
             gauge(predictions.output[row]), split.labels[row]);
  fmt::print("  common{}\n", opinions(predictions, kHomoUnit.name, row));
  fmt::print("  own   {}\n", opinions(predictions, kHeteroUnit.name, row));
  if (with_edges) {
    fmt::print("  edges   common: {};  own: {}\n", strongest_edge(predictions, 0, row),
               strongest_edge(predictions, 1, row));
  }
}

void infer(const std::string& checkpoint_path, const std::string& data_path, std::size_t count,
           const std::string& device) {
  const Checkpoint checkpoint = read_checkpoint(checkpoint_path);
  Dataset data = is_synthetic(data_path) ? make_synthetic(parse_synthetic(data_path)).data
                                         : read_feature_file(data_path);
  encode_text(data.test, checkpoint, inference_config(checkpoint, std::nullopt),
              [&] { return trine::open_device(device); });
  DeviceModel model =
      load_model(checkpoint, std::nullopt, input_sizes(data.test), trine::open_device(device));
  const Predictions predictions = predict(model, data.test);
  // State dicts of the authors' model often come without the units.
  const bool with_edges =
      has_unit(checkpoint, kHomoUnit.name) && has_unit(checkpoint, kHeteroUnit.name);
  for (std::size_t row = 0; row < std::min(count, data.test.ids.size()); ++row)
    show(predictions, data.test, with_edges, row);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 5;
  if (argc < 3 || count == 0) {
    fmt::print(stderr, "usage: infer CHECKPOINT DATA [COUNT [DEVICE]]\n");
    return 2;
  }
  try {
    infer(argv[1], argv[2], count, argc > 4 ? argv[4] : "");
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "infer: {}\n", error.what());
    return 1;
  }
}
