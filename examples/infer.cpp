// What a trained model says of single utterances and why: the score on a gauge, what each of its
// heads says alone, and the strongest of its edges.
//
//   infer CHECKPOINT DATA [COUNT [DEVICE]]
//
// CHECKPOINT is a run's folder or file, DATA a feature file or "synthetic"; the first COUNT
// utterances of the test split are shown (5 by default).
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "backends/registry.h"
#include "dmd/checkpoint/checkpoint.h"
#include "dmd/data/classes.h"
#include "dmd/data/feature_file.h"
#include "dmd/data/input_sizes.h"
#include "dmd/data/synthetic.h"
#include "dmd/runtime/explanation.h"
#include "dmd/runtime/inference.h"
#include "dmd/runtime/predictions.h"

namespace {

using namespace dmd;

Dataset data_of(const std::string& path, const Config& config) {
  if (!is_synthetic(path)) {
    Dataset data = read_feature_file(path, {.task = config.task});
    number_classes(data, config);
    return data;
  }
  SyntheticOptions options = parse_synthetic(path);
  options.task = config.task;
  Dataset data = make_synthetic(options).data;
  number_classes(data, config);
  return data;
}

void infer(const std::string& checkpoint_path, const std::string& data_path, std::size_t count,
           const std::string& device) {
  const Checkpoint checkpoint = read_checkpoint(checkpoint_path);
  const Config config = inference_config(checkpoint, std::nullopt);
  Dataset data = data_of(data_path, config);
  const std::shared_ptr<trine::Backend> backend = trine::open_device(device);
  encode_text(data.test, checkpoint, config, backend);
  DeviceModel model = load_model(checkpoint, config, input_sizes(data.test), backend);
  const Predictions predictions = predict(model, data.test);
  // State dicts of the authors' models often come without what makes the edges.
  const std::vector<OutputInfo> known = outputs_in(checkpoint, model.declared().outputs);
  for (std::size_t row = 0; row < std::min(count, data.test.ids.size()); ++row)
    fmt::print("{}", explanation(predictions, known, data.test, row, config));
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
