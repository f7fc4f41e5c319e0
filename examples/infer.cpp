// What a trained model says of single utterances and why: the score on a gauge, what each of its
// heads says alone, and the strongest of its edges.
//
//   infer CHECKPOINT DATA [COUNT [DEVICE]]
//
// CHECKPOINT is a run's folder or file, DATA a feature file or "synthetic"; the first COUNT
// utterances of the test split are shown (5 by default).
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "backends/registry.h"
#include "dmd/checkpoint/checkpoint.h"
#include "dmd/data/feature_file.h"
#include "dmd/data/input_sizes.h"
#include "dmd/data/synthetic.h"
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

// "edges_homo: homo_l_to_a 0.70".
std::string strongest_edge(const PredictedOutput& edges, std::size_t row) {
  const auto strongest =
      std::ranges::max_element(edges.columns, {}, [&](const Column& c) { return c.values[row]; });
  return fmt::format("{}: {} {:.2f}", edges.info.name, strongest->name, strongest->values[row]);
}

void show(const Predictions& predictions, const std::vector<OutputInfo>& known, const Split& split,
          std::size_t row) {
  const float score = predictions.prediction()[row];
  fmt::print("{}: {}\n", split.ids[row], split.raw_text[row]);
  fmt::print("  score  {:+.2f}  {}   label {:+.2f}\n", score, gauge(score), split.labels[row]);
  for (const PredictedOutput& output : predictions.outputs) {
    if (std::ranges::find(known, output.info.name, &OutputInfo::name) == known.end()) continue;
    if (output.info.kind == OutputKind::head)
      fmt::print("  head   {:+.2f}  {}\n", output.columns.front().values[row], output.info.meaning);
    if (output.info.kind == OutputKind::edges)
      fmt::print("  edges  {}\n", strongest_edge(output, row));
  }
}

void infer(const std::string& checkpoint_path, const std::string& data_path, std::size_t count,
           const std::string& device) {
  const Checkpoint checkpoint = read_checkpoint(checkpoint_path);
  Dataset data = is_synthetic(data_path) ? make_synthetic(parse_synthetic(data_path)).data
                                         : read_feature_file(data_path);
  const Config config = inference_config(checkpoint, std::nullopt);
  const std::shared_ptr<trine::Backend> backend = trine::open_device(device);
  encode_text(data.test, checkpoint, config, backend);
  DeviceModel model = load_model(checkpoint, config, input_sizes(data.test), backend);
  const Predictions predictions = predict(model, data.test);
  // State dicts of the authors' models often come without what makes the edges.
  const std::vector<OutputInfo> known = outputs_in(checkpoint, model.declared().outputs);
  for (std::size_t row = 0; row < std::min(count, data.test.ids.size()); ++row)
    show(predictions, known, data.test, row);
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
