#include "dmd/data/convert.h"

#include <utility>

#include "dmd/data/feature_file.h"
#include "dmd/data/feature_pickle.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_document.h"
#include "engine/io/torch_file.h"

namespace dmd {
namespace {

namespace io = trine::io;

bool holds_checkpoint(const NamedBytes& input) {
  if (!io::is_torch_file(input.name, input.bytes.view)) return false;
  const io::TorchDocument document =
      io::read_torch_document(input.bytes, input.name, "checkpoint or feature file");
  return !looks_like_features(document.root());
}

Conversion convert_checkpoint(const NamedBytes& input, const std::filesystem::path& output) {
  const io::TorchFile checkpoint = io::parse_torch_file(input.bytes, input.name);
  // The key that the safetensors library itself writes, and that others look for.
  io::write_safetensors(output, checkpoint.arrays, {{"format", "pt"}});
  return {Conversion::Kind::checkpoint,
          static_cast<std::int64_t>(checkpoint.arrays.size()),
          checkpoint.skipped,
          {}};
}

// Takes the bytes over: they are gone before as many are written.
Conversion convert_features(NamedBytes input, const std::filesystem::path& output,
                            Nonfinite nonfinite) {
  const Dataset data = parse_feature_file(input, {.need_labels = false,
                                                  .need_all_splits = false,
                                                  .nonfinite = nonfinite,
                                                  .every_label = true});
  input.bytes = {};
  write_feature_file(data, output);
  return {Conversion::Kind::features,
          data.train.size() + data.valid.size() + data.test.size(),
          {},
          data.notes};
}

}  // namespace

Conversion convert(const std::filesystem::path& input, const std::filesystem::path& output,
                   Nonfinite nonfinite) {
  if (output.extension() != ".safetensors") {
    trine::fail("cannot convert to {}: its name should end in .safetensors", output.string());
  }
  NamedBytes bytes = read_bytes(input);
  return holds_checkpoint(bytes) ? convert_checkpoint(bytes, output)
                                 : convert_features(std::move(bytes), output, nonfinite);
}

}  // namespace dmd
