// The rules of training (those of the authors' program; see their places in trainer.cpp) over the
// programs of a DeviceModel.
//
// A run's folder holds
//   config.json        the configuration, input sizes filled in
//   history.csv        a row for each epoch: the model's loss terms averaged over its training
//                      batches, then metrics and mean edges on the validation split, then its
//                      seconds
//   best.safetensors   the checkpoint of the best validation loss, without what is_published() is
//                      not
//   last.safetensors   the newest checkpoint, from which the run goes on
// Each of them is replaced as a whole and in an order from which --resume can go on, so that they
// can be read whenever the program ends. One process at a time writes a folder: claim it before
// (folder_claim.h).
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "dmd/checkpoint/checkpoint.h"
#include "dmd/data/dataset.h"
#include "dmd/report/history.h"
#include "dmd/report/progress.h"
#include "dmd/runtime/device_model.h"
#include "dmd/train/training_state.h"

namespace dmd {

enum class Ending {
  all_epochs,   // as many as were configured
  early_stop,   // no improvement for too long
  interrupted,  // asked to stop; last.safetensors says where to go on
};

// Where a run's files are.
struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path config() const { return path / "config.json"; }
  std::filesystem::path history() const { return path / "history.csv"; }
  std::filesystem::path best() const { return path / "best.safetensors"; }
  std::filesystem::path last() const { return path / "last.safetensors"; }
};

class Trainer {
 public:
  // A run from the start: makes the folder, and draws the initial parameters but for those of a
  // text encoder and of the checkpoint `init` of the configuration. Model and data must outlive the
  // trainer. Throws trine::Error if the folder cannot be written or holds a run, if the data
  // lack labels of the model's task, if the training split is so small that no optimizer step would
  // ever be made, and if the checkpoint does not serve.
  static Trainer begin(DeviceModel& model, const Dataset& data, RunFolder folder);

  // A run that goes on from `last`, the folder's last.safetensors, as if it had never stopped; the
  // folder's config.json is what it goes on with (its epochs, the place of its encoder).
  // Throws trine::Error if the data are not of the shape that it was trained on, or lack
  // labels.
  static Trainer resume(DeviceModel& model, const Dataset& data, RunFolder folder,
                        const Checkpoint& last);

  // Asked after every batch.
  using StopRequested = std::function<bool()>;

  // Called after each epoch, when its files are written; false ends the run there.
  using EpochDone = std::function<bool(const History&)>;

  // Trains to an ending. Throws trine::Error if a loss or a parameter is not finite or a file
  // cannot be written; the folder then holds the checkpoints of the last whole epoch.
  Ending run(const StopRequested& stop_requested, Progress& progress,
             const EpochDone& epoch_done = {});

  const TrainingState& state() const { return state_; }
  // What a new run took from `init`: a sentence, or nothing.
  const std::string& origin() const { return origin_; }
  std::int64_t epochs_done() const { return state_.epoch - 1; }

 private:
  Trainer(DeviceModel& model, const Dataset& data, RunFolder folder, History history,
          TrainingState state);

  bool out_of_patience() const;
  bool finish_batches(const StopRequested& stop_requested, Progress& progress);
  void train_on(std::span<const std::int64_t> rows);
  void add_losses(const trine::Executable& program);
  void update_parameters();
  void end_accumulation();
  void check_parameters() const;
  std::string what_is_saved() const;
  void finish_epoch(Progress& progress);
  void save(const std::filesystem::path& file, const Keep& keep = {}) const;

  DeviceModel& model_;
  const Dataset& data_;
  RunFolder folder_;
  History history_;
  TrainingState state_;
  std::string origin_;
  Batch batch_;
};

}  // namespace dmd
