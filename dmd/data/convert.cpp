#include "dmd/data/convert.h"

#include "dmd/data/feature_file.h"
#include "dmd/data/feature_pickle.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_document.h"
#include "engine/io/torch_file.h"

namespace dmd {
namespace {

namespace io = trine::io;

bool holds_checkpoint(const std::filesystem::path& path) {
  if (!io::is_torch_file(path)) return false;
  const io::SharedBytes bytes = io::map_file(path);
  const io::TorchDocument document =
      io::read_torch_document(bytes, path.string(), "checkpoint or feature file");
  return !looks_like_features(document.root());
}

Conversion convert_checkpoint(const std::filesystem::path& input,
                              const std::filesystem::path& output) {
  const io::TorchFile checkpoint = io::read_torch_file(input);
  // The key that the safetensors library itself writes, and that others look for.
  io::write_safetensors(output, checkpoint.arrays, {{"format", "pt"}});
  return {Conversion::Kind::checkpoint,
          static_cast<std::int64_t>(checkpoint.arrays.size()),
          checkpoint.skipped,
          {}};
}

Conversion convert_features(const std::filesystem::path& input,
                            const std::filesystem::path& output) {
  const Dataset data = read_feature_file(
      input, {.need_labels = false, .need_all_splits = false, .every_label = true});
  write_feature_file(data, output);
  return {Conversion::Kind::features,
          data.train.size() + data.valid.size() + data.test.size(),
          {},
          data.notes};
}

}  // namespace

Conversion convert(const std::filesystem::path& input, const std::filesystem::path& output) {
  if (output.extension() != ".safetensors") {
    trine::fail("cannot convert to {}: its name should end in .safetensors", output.string());
  }
  return holds_checkpoint(input) ? convert_checkpoint(input, output)
                                 : convert_features(input, output);
}

}  // namespace dmd
