// Which training runs a command line asks for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/backend.h"
#include "dmd/config/config.h"
#include "dmd/data/dataset.h"
#include "dmd/train/folder_claim.h"
#include "dmd/train/training_run.h"

namespace dmd::cli {

struct TrainOptions {
  std::string data, model, config, variant, device, out, resume, seeds, init;
  std::optional<std::uint64_t> seed;
  std::optional<std::int64_t> epochs;
  std::vector<std::string> settings, dropped;
  int threads = 0;
  bool json = false, skip_unlabelled = false;
};

// Of one seed: the folder itself. Of several: its subfolders seed-N; the folder then holds
// config.json, what they have in common, and seeds.json, a list.
struct RunRequests {
  std::filesystem::path folder;
  bool several = false;
  std::unique_ptr<FolderClaim> claim = nullptr;  // of the folder
  std::vector<RunRequest> runs;
  std::shared_ptr<trine::Backend> backend;  // one device for all of them
};

// Of new runs, the configuration that the command line asks for; of runs that go on, theirs. Input
// sizes that it leaves to the data are 0.
Config requested_config(const TrainOptions& options);

// `config` is requested_config(). Opens the device, before any folder is made, and claims the
// folder. Throws UsageError
// for a command line that cannot be meant and where there is no such device or none of the run's
// precision, trine::Error for a folder or a configuration that does not serve, and for data of
// other classes. Data without tokens for an encoder get them (text/encoder_input.h).
RunRequests requested_runs(const TrainOptions& options, const Config& config, Dataset& data);

}  // namespace dmd::cli
