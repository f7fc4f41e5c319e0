// What PyTorch has written, as a tree of values with tensors in it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/io/pickle.h"

namespace trine::io {

// Tensors as arrays. Each storage is fetched once however many tensors look into it.
class TensorReader {
 public:
  // The bytes of a storage that stands outside the pickle, in this machine's byte order.
  using Fetch = std::function<SharedBytes(const pickle::Storage&)>;

  TensorReader(Fetch fetch, std::size_t file_bytes)
      : fetch_(std::move(fetch)), budget_(Budget::for_file(file_bytes)) {}

  // Row-major; a view where the tensor's own layout is. Throws Error with a clause where the tensor
  // reaches beyond its storage, or the storage is not there or not of its size.
  Array array_of(const pickle::TensorView& view);

 private:
  const SharedBytes& contents_of(const pickle::Storage& storage);

  Fetch fetch_;
  Budget budget_;
  std::map<std::string, SharedBytes> fetched_;
};

struct TorchDocument {
  std::unique_ptr<pickle::Document> pickle;
  std::unique_ptr<TensorReader> tensors;

  const pickle::Value& root() const { return pickle->root(); }
};

// Reads what torch.save writes: a zip archive of a pickle (NAME/data.pkl) and raw storages
// (NAME/data/KEY), big-endian ones too; its format from before PyTorch 1.6; and plain pickles,
// whose tensors hold their storages. Throws Error: "`name` is not a `kind` that can be read: ...".
TorchDocument read_torch_document(const SharedBytes& bytes, std::string_view name,
                                  std::string_view kind);

}  // namespace trine::io
