#include "dmd/data/convert.h"

#include "dmd/data/feature_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/torch_file.h"

namespace dmd {
namespace {

namespace io = trine::io;

Conversion convert_checkpoint(const std::filesystem::path& input,
                              const std::filesystem::path& output) {
  const io::TorchFile checkpoint = io::read_torch_file(input);
  // The key that the safetensors library itself writes, and that others look for.
  io::write_safetensors(output, checkpoint.arrays, {{"format", "pt"}});
  return {Conversion::Kind::checkpoint, static_cast<std::int64_t>(checkpoint.arrays.size()),
          checkpoint.skipped};
}

Conversion convert_features(const std::filesystem::path& input,
                            const std::filesystem::path& output) {
  const Dataset data = read_feature_file(input);
  write_feature_file(data, output);
  return {Conversion::Kind::features, data.train.size() + data.valid.size() + data.test.size(), {}};
}

}  // namespace

Conversion convert(const std::filesystem::path& input, const std::filesystem::path& output) {
  if (output.extension() != ".safetensors") {
    trine::fail("cannot convert to {}: its name should end in .safetensors", output.string());
  }
  return io::is_torch_file(input) ? convert_checkpoint(input, output)
                                  : convert_features(input, output);
}

}  // namespace dmd
