// Folders that hold runs of several seeds: seeds.json, a list, and a run in seed-N for each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dmd::cli {

struct SeedRun {
  std::uint64_t seed = 0;
  std::filesystem::path folder;
};

std::filesystem::path seed_folder(const std::filesystem::path& folder, std::uint64_t seed);

// In the order of seeds.json. Empty where the path is no such folder: a run of its own or a file.
// Throws trine::Error for a list that cannot be read.
std::vector<SeedRun> seed_runs(const std::filesystem::path& path);

}  // namespace dmd::cli
