#include "dmd/train/training_run.h"

#include <fmt/format.h>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/runtime/predictions.h"

namespace dmd {
namespace {

std::string opening_line(DeviceModel& model, const Dataset& data) {
  const Config& config = model.config();
  const trine::DeviceInfo device = model.session().backend().info();
  return fmt::format("{}, seed {}: {} parameters, {}/{}/{} utterances of {}, on {} ({})",
                     title_of(config), config.seed, model.parameters().number_of_values(),
                     data.train.size(), data.valid.size(), data.test.size(), data.source, device.id,
                     device.name);
}

Scores score_best(DeviceModel& model, const RunFolder& folder, const Split& test) {
  const Checkpoint best = read_checkpoint(folder.best());
  model.set_arena(trine::nn::kParameters, arena_from(best, model.declared()));
  return scores_of(predict(model, test), test, model.config());
}

}  // namespace

RunOutcome train_one(const RunRequest& request, const Dataset& data,
                     std::shared_ptr<trine::Backend> backend,
                     const Trainer::StopRequested& stop_requested, Progress& progress,
                     const Trainer::EpochDone& epoch_done) {
  DeviceModel model(std::move(backend), request.config);
  Trainer trainer = request.resume ? Trainer::resume(model, data, request.folder,
                                                     read_checkpoint(request.folder.last()))
                                   : Trainer::begin(model, data, request.folder);
  progress.line(opening_line(model, data));
  if (!trainer.origin().empty()) progress.line(trainer.origin());

  RunOutcome outcome{.seed = request.config.seed, .folder = request.folder};
  outcome.ending = trainer.run(stop_requested, progress, epoch_done);
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

}  // namespace dmd
