#include "dmd/cli/seed_runs.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dmd/train/trainer.h"
#include "engine/error.h"
#include "engine/io/mapped_file.h"

namespace dmd::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint64_t> read_seeds(const fs::path& file) {
  const trine::io::SharedBytes bytes = trine::io::map_file(file);
  try {
    return nlohmann::json::parse(trine::io::text_of(bytes.view)).get<std::vector<std::uint64_t>>();
  } catch (const nlohmann::json::exception&) {
    trine::fail("{} should be a list of seeds, such as [1111, 1112]", file.string());
  }
}

}  // namespace

fs::path seed_folder(const fs::path& folder, std::uint64_t seed) {
  return folder / fmt::format("seed-{}", seed);
}

std::vector<SeedRun> seed_runs(const fs::path& path) {
  std::vector<SeedRun> runs;
  const fs::path list = path / "seeds.json";
  if (fs::exists(RunFolder{path}.last()) || !fs::exists(list)) return runs;
  for (const std::uint64_t seed : read_seeds(list)) runs.push_back({seed, seed_folder(path, seed)});
  return runs;
}

}  // namespace dmd::cli
