// Where the folder of a text encoder is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace dmd {

// `path`, or where it is not there any more, since the run that names it has come from elsewhere, a
// folder of its name in `run`, the run's folder, or beside that. Absolute; nullopt where there is
// none. An empty `run` is none.
std::optional<std::filesystem::path> find_encoder_folder(const std::string& path,
                                                         const std::filesystem::path& run = {});

// The same. Throws trine::Error with each place that was looked at, if it is in none of them.
std::filesystem::path encoder_folder_of(const std::string& path,
                                        const std::filesystem::path& run = {});

}  // namespace dmd
