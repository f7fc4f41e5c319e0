// Checkpoints as torch.save lays them out, without PyTorch.
#pragma once

#include <utility>
#include <vector>

#include "tests/formats/pickle_writer.h"
#include "tests/formats/zip_writer.h"

namespace formats {

struct TensorSpec {
  std::string_view storage = "FloatStorage";
  std::string_view key = "0";
  std::int64_t storage_size = 0;  // elements
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape, strides;
};

inline PickleWriter& add_tensor(PickleWriter& writer, const TensorSpec& spec) {
  writer.global("torch._utils", "_rebuild_tensor_v2").mark();
  writer.mark().text("storage").global("torch", spec.storage).text(spec.key).text("cpu");
  writer.raw("\x8a\x08").little_endian(spec.storage_size).tuple().raw("Q");
  writer.raw("\x8a\x08").little_endian(spec.offset).shape(spec.shape).shape(spec.strides);
  writer.boolean(false).global("collections", "OrderedDict").mark().tuple().call();
  return writer.tuple().call();
}

template <class T>
std::string raw_bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// An archive with the pickle and the storages "0", "1", ... in this order.
inline std::string make_checkpoint(const PickleWriter& pickle,
                                   const std::vector<std::string>& storages,
                                   const ZipEntries& more = {}) {
  ZipEntries entries{{"model/data.pkl", pickle.finish()}};
  for (std::size_t i = 0; i < storages.size(); ++i) {
    entries.emplace_back("model/data/" + std::to_string(i), storages[i]);
  }
  entries.insert(entries.end(), more.begin(), more.end());
  entries.emplace_back("model/version", "3\n");
  return make_zip(entries);
}

}  // namespace formats
