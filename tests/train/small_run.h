// A model and data so small that an epoch takes a moment, and runs of them.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "backends/cpu/cpu.h"
#include "dmd/config/config.h"
#include "dmd/data/input_sizes.h"
#include "dmd/data/synthetic.h"
#include "dmd/models/configuration.h"
#include "dmd/report/csv.h"
#include "dmd/train/trainer.h"
#include "tests/support/temporary_folder.h"

namespace small_run {

using dmd::Config;
using dmd::Dataset;
using dmd::DeviceModel;
using dmd::Ending;
using dmd::RunFolder;
using dmd::Trainer;

// 37 training utterances: four batches of 8 and one of 5.
inline Dataset data() {
  return dmd::make_synthetic(
             {.train = 37, .valid = 11, .test = 6, .widths = {6, 5, 4}, .steps = {5, 6, 7}})
      .data;
}

inline Config config() {
  Config config = dmd::default_config();
  config.name = "small";
  config.settings.set("dst_feature_dim", 8);
  config.settings.set("nheads", 2);
  config.settings.set("nlevels", 1);
  config.settings.set("conv1d_kernel_size_l", 1);
  config.settings.set("conv1d_kernel_size_a", 2);
  config.settings.set("conv1d_kernel_size_v", 3);
  config.batch_size = 8;
  config.learning_rate = 3e-3;
  config.update_epochs = 2;
  config.epochs = 3;
  return dmd::fitted_to(config, dmd::input_sizes(data().train));
}

inline DeviceModel model(const Config& config, int threads = 1) {
  return {trine::make_cpu_backend(threads), config};
}

// Never asks to stop.
inline bool go_on() { return false; }

// Asks to stop after `batches` of them.
inline Trainer::StopRequested after(int batches) {
  return [left = batches]() mutable { return --left == 0; };
}

inline Ending run(Trainer& trainer, const Trainer::StopRequested& stop_requested = go_on) {
  std::ostringstream out;
  dmd::Progress progress(out, {});
  return trainer.run(stop_requested, progress);
}

inline Ending train(const Config& config, const RunFolder& folder,
                    const Trainer::StopRequested& stop_requested = go_on, int threads = 1) {
  const Dataset dataset = data();
  DeviceModel on_device = model(config, threads);
  Trainer trainer = Trainer::begin(on_device, dataset, folder);
  return run(trainer, stop_requested);
}

// As a new process would: everything is made anew from the folder.
inline Ending resume(const RunFolder& folder,
                     const Trainer::StopRequested& stop_requested = go_on) {
  const Dataset dataset = data();
  const dmd::Checkpoint last = dmd::read_checkpoint(folder.last());
  DeviceModel on_device = model(last.config.value());
  Trainer trainer = Trainer::resume(on_device, dataset, folder, last);
  return run(trainer, stop_requested);
}

inline dmd::Table history(const RunFolder& folder) {
  return dmd::parse_csv(dmd::contents_of(folder.history()), "history.csv");
}

// The history without its last column, the seconds, in which equal runs may differ.
inline dmd::Table measurements(const RunFolder& folder) {
  dmd::Table table = history(folder);
  table.columns.pop_back();
  for (auto& row : table.rows) row.pop_back();
  return table;
}

// Every array of a checkpoint: names, shapes and bits.
inline std::string arrays_of(const std::filesystem::path& file) {
  std::string all;
  for (const auto& [name, array] : dmd::read_checkpoint(file).arrays)
    all += name + to_string(array) + std::string(trine::io::text_of(array.bytes()));
  return all;
}

}  // namespace small_run
