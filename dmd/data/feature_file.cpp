#include "dmd/data/feature_file.h"

#include "dmd/data/feature_pickle.h"
#include "dmd/data/feature_tensors.h"
#include "engine/io/context.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors.h"
#include "engine/io/standard_input.h"
#include "engine/io/torch_document.h"

namespace dmd {
namespace {

namespace io = trine::io;

constexpr std::string_view kKind = "feature file";

// A length, then the header's brace. No pickle looks so: its first eight bytes, read as a length,
// are larger than any file.
bool looks_like_safetensors(const io::SharedBytes& bytes) {
  constexpr std::size_t kLengthBytes = 8;
  return bytes.size() > kLengthBytes && bytes.view[kLengthBytes] == std::byte{'{'} &&
         io::load<std::uint64_t>(bytes.view.data()) <= bytes.size() - kLengthBytes;
}

RawDataset read_splits(const io::SharedBytes& bytes, const std::string& name,
                       const FeatureOptions& options) {
  if (looks_like_safetensors(bytes)) {
    const io::Safetensors file = io::parse_safetensors(bytes, name);
    return io::explaining(name, kKind, [&] { return splits_from_tensors(file, options); });
  }
  const io::TorchDocument document = io::read_torch_document(bytes, name, kKind);
  return io::explaining(name, kKind,
                        [&] { return splits_from_pickle(document, bytes.size(), options); });
}

}  // namespace

NamedBytes read_bytes(const std::filesystem::path& path) {
  if (path == kStandardInput) return {io::read_standard_input(), "standard input"};
  return {io::map_file(path), path.string()};
}

Dataset read_feature_file(const std::filesystem::path& path, const FeatureOptions& options) {
  return parse_feature_file(read_bytes(path), options);
}

Dataset parse_feature_file(const NamedBytes& file, const FeatureOptions& options) {
  const RawDataset raw = read_splits(file.bytes, file.name, options);
  return io::explaining(file.name, kKind, [&] { return checked_dataset(raw, file.name, options); });
}

void write_feature_file(const Dataset& data, const std::filesystem::path& path) {
  const io::Safetensors file = tensors_from(data);
  io::write_safetensors(path, file.arrays, file.metadata);
}

}  // namespace dmd
