#include "dmd/cli/training_run.h"

#include <fmt/format.h>

#include "dmd/train/predictions.h"

namespace dmd::cli {
namespace {

std::int64_t number_of_parameters(const trine::nn::ParameterStore& store) {
  std::int64_t number = 0;
  for (const trine::nn::Parameter& parameter : store.parameters()) number += parameter.size();
  return number;
}

std::string opening_line(DeviceModel& model, const Dataset& data) {
  const Config& config = model.config();
  const trine::DeviceInfo device = model.session().backend().info();
  return fmt::format("{} ({}), seed {}: {} parameters, {}/{}/{} utterances of {}, on {} ({})",
                     config.name, name_of(config.variant), config.seed,
                     number_of_parameters(model.parameters()), data.train.size(), data.valid.size(),
                     data.test.size(), data.source, device.id, device.name);
}

Metrics score_best(DeviceModel& model, const RunFolder& folder, const Split& test) {
  const Checkpoint best = read_checkpoint(folder.best());
  model.set_arena(trine::nn::kParameters, arena_from(best, model.parameters()));
  return metrics_of(predict(model, test), test, model.config());
}

}  // namespace

RunOutcome train_one(const RunRequest& request, const Dataset& data,
                     std::unique_ptr<trine::Backend> backend,
                     const Trainer::StopRequested& stop_requested, Progress& progress) {
  DeviceModel model(std::move(backend), fitted_to(request.config, input_sizes(data.train)));
  Trainer trainer = request.resume ? Trainer::resume(model, data, request.folder,
                                                     read_checkpoint(request.folder.last()))
                                   : Trainer::begin(model, data, request.folder);
  progress.line(opening_line(model, data));

  RunOutcome outcome{.seed = request.config.seed, .folder = request.folder};
  outcome.ending = trainer.run(stop_requested, progress);
  outcome.epochs = trainer.epochs_done();
  outcome.best = trainer.state().best;
  if (outcome.epochs > 0) {
    outcome.seconds_per_epoch =
        trainer.state().earlier_seconds / static_cast<double>(outcome.epochs);
  }
  if (outcome.ending != Ending::interrupted)
    outcome.test = score_best(model, request.folder, data.test);
  return outcome;
}

}  // namespace dmd::cli
