#include "dmd/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "dmd/checkpoint/finite.h"
#include "dmd/checkpoint/start.h"
#include "dmd/config/config_json.h"
#include "dmd/metrics/metrics.h"
#include "dmd/models/programs.h"
#include "dmd/runtime/predictions.h"
#include "dmd/text/pretrained.h"
#include "dmd/text/text_features.h"
#include "engine/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/folder.h"
#include "engine/optim/adam.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
using trine::optim::kAdamMean;
using trine::optim::kAdamSquare;

// An epoch counts as better only if its validation loss is lower by this much.
constexpr double kLeastImprovement = 1e-6;

// Adds the time until it ends to `seconds`.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - began_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point began_ = Clock::now();
};

void make_folder(const RunFolder& folder) {
  trine::io::make_folder(folder.path);
  if (fs::exists(folder.last())) {
    trine::fail("{} holds a run already: continue it with --resume, or choose another folder",
                folder.path.string());
  }
}

void check_same_data(const DataShape& before, const DataShape& now) {
  if (before.train == now.train && before.valid == now.valid && before.test == now.test &&
      before.sizes == now.sizes)
    return;
  trine::fail(
      "the run was trained on {} with {}/{}/{} utterances, and {} has {}/{}/{} or other "
      "widths or lengths: a run can only go on with its own data",
      before.source, before.train, before.valid, before.test, now.source, now.train, now.valid,
      now.test);
}

// An encoder that is trained along starts from its folder's weights.
std::vector<float> drawn_parameters(const DeviceModel& model) {
  const Config& config = model.config();
  if (!config.trains_encoder()) return model.parameters().initial_values(config.seed);
  const EncoderWeights weights = weights_of_folder(config);
  std::vector<float> arena = model.parameters().initial_values(
      config.seed, [&](const auto& parameter) { return !find(weights.arrays, parameter.name); });
  put_encoder_weights(weights.arrays, weights.source, model.parameters(), arena);
  return arena;
}

struct FirstParameters {
  std::vector<float> arena;
  std::string origin;  // a sentence where they are of a checkpoint
};

FirstParameters first_parameters(const DeviceModel& model) {
  FirstParameters first{.arena = drawn_parameters(model), .origin = {}};
  if (model.config().init.empty()) return first;
  const Checkpoint checkpoint = read_checkpoint(model.config().init);
  const Start start = start_from(checkpoint, model.declared());
  start.put_into(first.arena, model.parameters());
  first.origin = start.summary(checkpoint);
  return first;
}

bool keeps_leftover(const DeviceModel& model) {
  const ModelDef& def = *model.declared().model;
  return def.keeps_leftover && def.keeps_leftover(model.config());
}

// An epoch with fewer batches than a step takes would drop them all: nothing would be learned.
void check_steps(const DeviceModel& model, std::int64_t utterances) {
  const Config& config = model.config();
  const std::int64_t batches = (utterances + config.batch_size - 1) / config.batch_size;
  if (batches >= config.update_epochs || keeps_leftover(model)) return;
  trine::fail(
      "no optimizer step would ever be made: an epoch of {} utterances is {} of {} (batch_size), "
      "and "
      "a step takes {} (update_epochs): add --set update_epochs={}, or make batch_size smaller",
      utterances, batches == 1 ? "1 batch" : fmt::format("{} batches", batches), config.batch_size,
      config.update_epochs, batches);
}

// Whether a number may be part of a label.
bool is_label(float number, const Config& config) {
  if (config.task == Task::regression) return true;
  const auto choices =
      config.task == Task::emotion ? 2.0f : static_cast<float>(config.classes.size());
  return number >= 0 && number < choices && number == std::floor(number);
}

void check_labels(const Split& split, std::string_view name, const Config& config) {
  if (std::ranges::any_of(split.labels, [](float label) { return std::isnan(label); }))
    trine::fail("the {} split has utterances without a label, which nothing is learnt from", name);
  const bool fits =
      split.label_width == label_width(config.task) &&
      std::ranges::all_of(split.labels, [&](float label) { return is_label(label, config); });
  if (!fits)
    trine::fail("the {} split has labels of another task than {}: read it with its labels", name,
                name_of(config.task));
}

void check_labels(const Dataset& data, const Config& config) {
  for (const char* split : {"train", "valid"}) check_labels(data.split(split), split, config);
}

double mean(const std::vector<float>& values) {
  double sum = 0;
  for (float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// A row of the history, but for its seconds.
NamedValues history_row(const TrainingState& state, const Scores& valid,
                        const Predictions& predictions) {
  NamedValues row{{"epoch", static_cast<double>(state.epoch)}, {"lr", state.plateau.learning_rate}};
  for (const auto& [name, sum] : state.loss_sums)
    row.emplace_back(name, sum / static_cast<double>(state.batches_done));
  for (const auto& [name, value] : valid.values)
    row.emplace_back(fmt::format("valid_{}", name), value);
  for (const Column* edge : predictions.columns(OutputKind::edges))
    row.emplace_back(edge->name, mean(edge->values));
  return row;
}

std::string epoch_line(const TrainingState& state, const Scores& valid, bool is_best) {
  const double total = state.loss_sums.front().second / static_cast<double>(state.batches_done);
  return fmt::format("epoch {:3}  loss {:<8.6g}  valid: {}  lr {:.3g}  {}{}", state.epoch, total,
                     headline_of(valid), state.plateau.learning_rate, duration(state.seconds),
                     is_best ? "  best" : "");
}

}  // namespace

Trainer::Trainer(DeviceModel& model, const Dataset& data, RunFolder folder, History history,
                 TrainingState state)
    : model_(model),
      data_(data),
      folder_(std::move(folder)),
      history_(std::move(history)),
      state_(std::move(state)) {
  model_.allocate_training_state();
}

Trainer Trainer::begin(DeviceModel& model, const Dataset& data, RunFolder folder) {
  check_labels(data, model.config());
  check_steps(model, data.train.size());
  FirstParameters first = first_parameters(model);
  make_folder(folder);
  trine::io::write_file(folder.config(), to_json(model.config()));
  TrainingState state{.plateau = {.learning_rate = model.config().learning_rate},
                      .data = shape_of(data)};
  History history(folder.history());
  Trainer trainer(model, data, std::move(folder), std::move(history), std::move(state));
  model.set_arena(trine::nn::kParameters, first.arena);
  trainer.origin_ = std::move(first.origin);
  return trainer;
}

Trainer Trainer::resume(DeviceModel& model, const Dataset& data, RunFolder folder,
                        const Checkpoint& last) {
  const TrainingState state = training_state_of(last);
  check_same_data(state.data, shape_of(data));
  check_labels(data, model.config());
  trine::io::write_file(folder.config(), to_json(model.config()));
  History history = History::resumed(folder.history(), static_cast<std::size_t>(state.epoch - 1));
  Trainer trainer(model, data, std::move(folder), std::move(history), state);
  const auto restore = [&](const char* arena, std::string_view prefix) {
    model.set_arena(arena, arena_from(last, model.declared(), prefix));
  };
  restore(trine::nn::kParameters, "");
  restore(kAdamMean, "adam.m.");
  restore(kAdamSquare, "adam.v.");
  if (state.accumulated > 0) restore(trine::nn::kGradients, "gradients.");
  return trainer;
}

bool Trainer::out_of_patience() const {
  return epochs_done() - state_.best.epoch >= model_.config().early_stop;
}

Ending Trainer::run(const StopRequested& stop_requested, Progress& progress,
                    const EpochDone& epoch_done) {
  while (epochs_done() < model_.config().epochs) {
    if (epochs_done() > 0 && out_of_patience()) return Ending::early_stop;
    if (!finish_batches(stop_requested, progress)) {
      save(folder_.last());
      return Ending::interrupted;
    }
    finish_epoch(progress);
    if (epoch_done && !epoch_done(history_)) return Ending::interrupted;
  }
  return Ending::all_epochs;
}

// Returns false if asked to stop on the way.
bool Trainer::finish_batches(const StopRequested& stop_requested, Progress& progress) {
  const Stopwatch stopwatch(state_.seconds);
  const Config& config = model_.config();
  const auto order = shuffled_order(data_.train.size(), config.seed, state_.epoch);
  const auto batches = batches_of(order, config.batch_size);
  const auto total = static_cast<std::int64_t>(batches.size());
  progress.begin(fmt::format("epoch {}/{}", state_.epoch, config.epochs),
                 total - state_.batches_done);
  while (state_.batches_done < total) {
    train_on(batches[static_cast<std::size_t>(state_.batches_done)]);
    progress.advance(fmt::format(
        "loss {:.6g}", state_.loss_sums.front().second / static_cast<double>(state_.batches_done)));
    if (stop_requested()) return false;
  }
  return true;
}

// The gradient is summed over update_epochs batches, then the optimizer takes one step.
void Trainer::train_on(std::span<const std::int64_t> rows) {
  gather(data_.train, rows, batch_);
  trine::Executable& program = model_.accumulate(batch_.size);
  feed(program, batch_, model_.config());
  program.run({.seed = model_.config().seed, .step = ++state_.batches_seen});
  add_losses(program);
  ++state_.batches_done;
  if (++state_.accumulated == model_.config().update_epochs) update_parameters();
}

void Trainer::add_losses(const trine::Executable& program) {
  const bool first = state_.loss_sums.empty();
  const std::vector<std::string>& names = model_.declared().losses;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const double loss = program.fetch_scalar(fetch_of_loss(name));
    if (!std::isfinite(loss)) {
      trine::fail(
          "epoch {}, batch {}: the {} loss is {}: try a lower learning_rate or grad_clip; {}",
          state_.epoch, state_.batches_done + 1, name, loss, what_is_saved());
    }
    if (first) state_.loss_sums.emplace_back(name, 0.0);
    state_.loss_sums[i].second += loss;
  }
}

void Trainer::update_parameters() {
  model_.apply().run({.step = ++state_.updates,
                      .learning_rate = static_cast<float>(state_.plateau.learning_rate)});
  state_.accumulated = 0;
}

// Batches at the end of an epoch that are too few for an update: the model says whether their
// gradient counts.
void Trainer::end_accumulation() {
  if (state_.accumulated == 0) return;
  if (keeps_leftover(model_)) return update_parameters();
  const auto size = static_cast<std::size_t>(model_.parameters().arena_size());
  model_.set_arena(trine::nn::kGradients, std::vector<float>(size, 0.0f));
  state_.accumulated = 0;
}

std::string Trainer::what_is_saved() const {
  if (epochs_done() == 0) return "no epoch was finished, so nothing is saved";
  return fmt::format("the files in {} stay as the epoch before left them", folder_.path.string());
}

// A loss can be finite over parameters that are not: what they feed may not reach it.
void Trainer::check_parameters() const {
  const std::string what = not_finite(model_.parameters(), model_.arena(trine::nn::kParameters));
  if (what.empty()) return;
  trine::fail("epoch {}: the parameter {}: try a lower learning_rate or grad_clip; {}",
              state_.epoch, what, what_is_saved());
}

void Trainer::finish_epoch(Progress& progress) {
  const Config& config = model_.config();
  Predictions predictions;
  Scores valid;
  {
    const Stopwatch stopwatch(state_.seconds);
    end_accumulation();
    check_parameters();
    predictions = predict(model_, data_.valid);
    valid = scores_of(predictions, data_.valid, config);
  }
  const NamedValues row = history_row(state_, valid, predictions);

  // Learning rate and stopping follow the rounded loss, as in the authors' program.
  const double loss = rounded_4(valid.loss());
  const bool is_best = loss <= state_.best.loss - kLeastImprovement;
  if (is_best) state_.best = {.loss = loss, .epoch = state_.epoch};
  progress.line(epoch_line(state_, valid, is_best));
  history_.add(row, state_.seconds);

  state_.plateau = trine::optim::after_measuring(
      loss, state_.plateau, {.factor = config.factor, .patience = config.patience});
  ++state_.epoch;
  state_.batches_done = 0;
  state_.loss_sums.clear();
  state_.earlier_seconds += std::exchange(state_.seconds, 0.0);
  if (is_best)
    save(folder_.best(), [this](const trine::nn::Parameter& parameter) {
      return is_published(model_.declared(), model_.config(), parameter);
    });
  save(folder_.last());
}

void Trainer::save(const fs::path& file, const Keep& keep) const {
  trine::io::ArraySources arrays;
  const auto append = [&](const char* prefix, const char* arena) {
    const auto read = [this, arena](auto offset, auto n) {
      return model_.session().read_state(arena, offset, n);
    };
    append_arena(arrays, model_.parameters(), prefix, read, keep);
  };
  append("", trine::nn::kParameters);
  append("adam.m.", kAdamMean);
  append("adam.v.", kAdamSquare);
  if (state_.accumulated > 0) append("gradients.", trine::nn::kGradients);
  write_checkpoint(file, model_.config(), to_json(state_), arrays);
}

}  // namespace dmd
