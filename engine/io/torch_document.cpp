#include "engine/io/torch_document.h"

#include <algorithm>
#include <optional>

#include "engine/io/context.h"
#include "engine/io/foreign_format.h"
#include "engine/io/pickle_torch.h"
#include "engine/io/strided.h"
#include "engine/io/torch_legacy.h"
#include "engine/io/utf8.h"
#include "engine/io/zip.h"

namespace trine::io {
namespace {

using pickle::Storage;

constexpr std::string_view kPickleEntry = "/data.pkl";

// The folder that all entries of an archive of torch.save lie in.
std::string find_folder(const ZipArchive& archive) {
  std::optional<std::string> folder;
  for (const std::string& name : archive.names()) {
    const std::size_t length = name.size() - std::min(name.size(), kPickleEntry.size());
    if (!name.ends_with(kPickleEntry) || name.find('/') != length) continue;
    if (folder) fail("it holds several pickles named data.pkl");
    folder = name.substr(0, length);
  }
  if (!folder) fail("it is {}", describe_zip(archive.names()));
  return *folder;
}

TensorReader::Fetch from_archive(std::shared_ptr<const ZipArchive> archive,
                                 const std::string& folder) {
  const std::string order = folder + "/byteorder";
  const bool swapped = archive->has(order) && text_of(archive->read(order)) == "big";
  return [archive = std::move(archive), folder, swapped](const Storage& storage) {
    std::vector<std::byte> bytes = archive->read(folder + "/data/" + storage.key);
    if (swapped) swap_bytes(bytes, size_of(storage.type));
    return share(std::move(bytes));
  };
}

TorchDocument make(pickle::Document document, TensorReader::Fetch fetch, std::size_t file_bytes) {
  return {std::make_unique<pickle::Document>(std::move(document)),
          std::make_unique<TensorReader>(std::move(fetch), file_bytes)};
}

TorchDocument read_zip(const SharedBytes& bytes, std::string_view name, std::string_view kind) {
  std::shared_ptr<const ZipArchive> archive;
  std::string folder;
  SharedBytes text;
  explaining(name, kind, [&] {
    archive = std::make_shared<const ZipArchive>(bytes);
    folder = find_folder(*archive);
    text = share(archive->read(folder + std::string(kPickleEntry)));
  });
  const std::string place = fmt::format("{}:{}{}", name, folder, kPickleEntry);
  pickle::Document document = pickle::read(text, place, kind, pickle::saved_vocabulary());
  return make(std::move(document), from_archive(std::move(archive), folder), bytes.size());
}

TorchDocument read_legacy(const SharedBytes& bytes, std::string_view name, std::string_view kind) {
  TorchLegacy file =
      explaining(name, kind, [&] { return parse_torch_legacy(bytes, pickle::saved_vocabulary()); });
  const auto fetch = [storages = std::move(file.storages)](const Storage& storage) {
    const auto found = storages.find(storage.key);
    if (found == storages.end()) fail("its storage {} is missing", printable(storage.key));
    return found->second;
  };
  return make(std::move(file.document), fetch, bytes.size());
}

}  // namespace

Array TensorReader::array_of(const pickle::TensorView& view) {
  const Storage& storage = *view.storage->as<Storage>();
  const SharedBytes& bytes = contents_of(storage);
  const std::size_t size = size_of(storage.type);
  const Layout layout{view.shape, view.strides, view.offset};
  check_within(layout, storage.size);

  const std::size_t length = static_cast<std::size_t>(count(view.shape)) * size;
  if (length == 0) return Array(storage.type, view.shape, {});
  if (is_row_major(layout)) {
    const std::size_t begin = static_cast<std::size_t>(view.offset) * size;
    return Array(storage.type, view.shape, bytes.part(begin, length));
  }
  budget_.charge(length);
  return Array(storage.type, view.shape, share(gather(bytes.view, size, layout)));
}

const SharedBytes& TensorReader::contents_of(const Storage& storage) {
  const SharedBytes* bytes = storage.bytes.get();
  if (bytes == nullptr) {
    const auto found = fetched_.find(storage.key);
    bytes = found != fetched_.end() ? &found->second : &(fetched_[storage.key] = fetch_(storage));
  }
  if (bytes->size() / size_of(storage.type) != static_cast<std::uint64_t>(storage.size) ||
      bytes->size() % size_of(storage.type) != 0) {
    fail("its storage {} should hold {} elements {}, and has {} bytes", printable(storage.key),
         storage.size, name_of(storage.type), bytes->size());
  }
  return *bytes;
}

TorchDocument read_torch_document(const SharedBytes& bytes, std::string_view name,
                                  std::string_view kind) {
  if (text_of(bytes.view).starts_with("PK")) return read_zip(bytes, name, kind);
  if (is_torch_legacy(bytes.view)) return read_legacy(bytes, name, kind);
  // Storages stand in a plain pickle, and nothing is fetched from elsewhere.
  return make(pickle::read(bytes, name, kind, pickle::pickled_vocabulary()), nullptr, bytes.size());
}

}  // namespace trine::io
