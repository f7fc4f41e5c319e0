#include "dmd/text/encoder_folder.h"

#include <algorithm>
#include <vector>

#include <fmt/ranges.h>

#include "engine/error.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;

fs::path whole_path(const fs::path& path) {
  const fs::path normal = fs::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();  // "bert/" is "bert"
}

// In the order in which they are looked at.
std::vector<fs::path> places(const fs::path& path, const fs::path& run) {
  std::vector<fs::path> all{whole_path(path)};
  if (run.empty()) return all;
  const auto add = [&](const fs::path& folder) {
    const fs::path place = folder / all.front().filename();
    if (std::ranges::find(all, place) == all.end()) all.push_back(place);
  };
  const fs::path inside = whole_path(run);
  add(inside);
  add(inside.parent_path());
  // The run of one seed of several.
  if (inside.filename().string().starts_with("seed-")) add(inside.parent_path().parent_path());
  return all;
}

bool is_there(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder, ignored);
}

}  // namespace

std::optional<fs::path> find_encoder_folder(const std::string& path, const fs::path& run) {
  for (const fs::path& place : places(path, run))
    if (is_there(place)) return place;
  return std::nullopt;
}

fs::path encoder_folder_of(const std::string& path, const fs::path& run) {
  if (const auto folder = find_encoder_folder(path, run)) return *folder;
  std::vector<std::string> names;
  for (const fs::path& place : places(path, run)) names.push_back(place.string());
  trine::fail(
      "the folder of the text encoder is not there (looked for {}): say where it is with --set "
      "text_encoder_path=DIR",
      fmt::join(names, ", "));
}

}  // namespace dmd
