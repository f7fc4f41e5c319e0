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

// The same in the format from before PyTorch 1.6; elements have `element_size` bytes.
inline std::string make_legacy(const PickleWriter& pickle, const std::vector<std::string>& storages,
                               std::size_t element_size = sizeof(float)) {
  using namespace std::string_literals;
  std::string out =
      "\x80\x02\x8a\x0al\xfc\x9c"
      "F\xf9 j\xa8P\x19."s;
  out += PickleWriter(2).number(1001).finish();
  out += PickleWriter(2).mark().text("little_endian").boolean(true).dict().finish();
  out += pickle.finish();
  PickleWriter keys(2);
  keys.mark();
  for (std::size_t i = 0; i < storages.size(); ++i) keys.text(std::to_string(i));
  out += keys.list().finish();
  for (const std::string& storage : storages) {
    out += raw_bytes<std::int64_t>({static_cast<std::int64_t>(storage.size() / element_size)});
    out += storage;
  }
  return out;
}

// A tensor whose storage stands in the pickle, as pickle.dump writes it.
inline PickleWriter& add_inline_tensor(PickleWriter& writer, const std::vector<float>& values,
                                       const std::vector<std::int64_t>& shape,
                                       const std::vector<std::int64_t>& strides) {
  PickleWriter storage(2);
  storage.mark().text("storage").global("torch", "FloatStorage").text("0").text("cpu");
  storage.raw("\x8a\x08").little_endian(static_cast<std::int64_t>(values.size())).none();
  storage.tuple().raw("Q");
  writer.global("torch._utils", "_rebuild_tensor_v2").mark();
  writer.global("torch.storage", "_load_from_bytes").mark();
  writer.bytes(make_legacy(storage, {raw_bytes(values)})).tuple().call();
  writer.number(0).shape(shape).shape(strides).boolean(false).none();
  return writer.tuple().call();
}

}  // namespace formats
