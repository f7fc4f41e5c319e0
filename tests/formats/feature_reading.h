// Reading a feature file that a test makes up, and what comes of it.
#pragma once

#include <string>
#include <utility>

#include "dmd/data/feature_file.h"
#include "tests/formats/feature_writer.h"
#include "tests/formats/test_files.h"

namespace formats {

inline constexpr dmd::FeatureOptions kAnything{.need_labels = false, .need_all_splits = false};

inline dmd::Dataset read_bytes(const std::string& bytes, const dmd::FeatureOptions& options = {}) {
  const TemporaryFolder folder;
  write_contents(folder / "mosi.pkl", bytes);
  return dmd::read_feature_file(folder / "mosi.pkl", options);
}

inline dmd::Dataset read(const FeatureFile& file, const dmd::FeatureOptions& options = {}) {
  return read_bytes(file.bytes(), options);
}

inline std::string refusal(const FeatureFile& file, const dmd::FeatureOptions& options = {}) {
  return error_of([&] { read(file, options); });
}

inline FeatureFile with(const std::string& field, Write write) {
  FeatureFile file;
  file.splits["train"][field] = std::move(write);
  return file;
}

// An object of a class, with a state.
inline Write object(std::string_view module, std::string_view name) {
  return [=](PickleWriter& w) {
    w.global(module, name).mark().tuple().raw("\x81").mark().dict().build();
  };
}

// A dict of fields where the splits should be.
inline std::string bare(const Fields& fields) {
  PickleWriter writer;
  writer.mark();
  for (const auto& [field, write] : fields) write(writer.text(field));
  return writer.dict().finish();
}

}  // namespace formats
