#include "engine/io/torch_file.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_set>

#include <fmt/ranges.h>

#include "engine/io/context.h"
#include "engine/io/mapped_file.h"
#include "engine/io/pickle_torch.h"
#include "engine/io/strided.h"
#include "engine/io/utf8.h"
#include "engine/io/zip.h"

namespace trine::io {
namespace {

using pickle::Dict;
using pickle::Storage;
using pickle::TensorView;

constexpr std::string_view kKind = "checkpoint";
constexpr std::string_view kPickleEntry = "/data.pkl";

// A checkpoint's storages, each unpacked once however many tensors look into it.
class Storages {
 public:
  // `folder` is the name that all entries of the archive begin with.
  Storages(const ZipArchive& archive, std::string folder, std::size_t file_bytes)
      : archive_(archive),
        folder_(std::move(folder)),
        budget_(Budget::for_file(file_bytes)),
        swapped_(is_big_endian()) {}

  Array array_of(const TensorView& view) {
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

 private:
  bool is_big_endian() const {
    const std::string name = folder_ + "/byteorder";
    return archive_.has(name) && text_of(archive_.read(name)) == "big";
  }

  const SharedBytes& contents_of(const Storage& storage) {
    const auto found = read_.find(storage.key);
    SharedBytes& bytes = found != read_.end() ? found->second : read_[storage.key];
    if (found == read_.end()) bytes = unpack(storage);
    if (bytes.size() / size_of(storage.type) != static_cast<std::uint64_t>(storage.size) ||
        bytes.size() % size_of(storage.type) != 0) {
      fail("its storage {} should hold {} elements {}, and has {} bytes", printable(storage.key),
           storage.size, name_of(storage.type), bytes.size());
    }
    return bytes;
  }

  SharedBytes unpack(const Storage& storage) const {
    std::vector<std::byte> bytes = archive_.read(folder_ + "/data/" + storage.key);
    if (swapped_) swap_bytes(bytes, size_of(storage.type));
    return share(std::move(bytes));
  }

  const ZipArchive& archive_;
  std::string folder_;
  Budget budget_;
  bool swapped_;
  std::map<std::string, SharedBytes> read_;
};

bool holds_tensors(const Dict& dict) {
  return std::ranges::any_of(dict.items, [](const auto& item) {
    return item.second->template as<TensorView>() != nullptr;
  });
}

// The root itself, or the one dict in it that holds tensors; of several, the one with a usual name.
const Dict& find_state_dict(const Dict& root) {
  if (holds_tensors(root)) return root;
  constexpr std::array<std::string_view, 3> kUsualNames{"state_dict", "model_state_dict", "model"};
  std::vector<std::string> names;
  const Dict* only = nullptr;
  for (const auto& [key, value] : root.items) {
    const auto* dict = value->as<Dict>();
    if (dict == nullptr || !holds_tensors(*dict)) continue;
    names.push_back(pickle::text_in(*key).value_or(describe(*key)));
    only = dict;
  }
  if (names.size() == 1) return *only;
  if (names.empty())
    fail("it holds no state dict: neither it nor a dict in it maps names to tensors");
  for (const std::string_view name : kUsualNames) {
    if (std::ranges::find(names, name) != names.end()) return *root.find(name)->as<Dict>();
  }
  fail(
      "it holds several state dicts ({}), and it is not clear which is the model: save that one "
      "alone",
      printable(fmt::format("{}", fmt::join(names, ", ")), 200));
}

TorchFile arrays_of(const Dict& state, Storages& storages) {
  TorchFile out;
  std::unordered_set<std::string> names;
  for (const auto& [key, value] : state.items) {
    const std::string name = pickle::text_in(*key).value_or(describe(*key));
    if (!names.insert(name).second) fail("it names {} twice", printable(name));
    const auto* view = value->as<TensorView>();
    if (view == nullptr) {
      out.skipped.push_back(name);
      continue;
    }
    try {
      out.arrays.push_back({name, storages.array_of(*view)});
    } catch (const Error& error) {
      fail("of the tensor {}, {}", printable(name), error.what());
    }
  }
  return out;
}

// Saved before PyTorch 1.6, or with the old format asked for: a pickle of a long magic number.
bool is_legacy(std::string_view text) {
  using namespace std::string_view_literals;
  return text.substr(0, 4) == "\x80\x02\x8a\x0a"sv;
}

ZipArchive open_archive(const SharedBytes& bytes) {
  const std::string_view text = text_of(bytes.view);
  if (is_legacy(text)) {
    fail(
        "it is in PyTorch's format from before version 1.6; load it in PyTorch and save it again "
        "with torch.save");
  }
  if (!text.starts_with("PK")) fail("it does not begin like the zip archive torch.save writes");
  return ZipArchive(bytes);
}

std::string find_folder(const ZipArchive& archive) {
  std::optional<std::string> folder;
  for (const std::string& name : archive.names()) {
    const std::size_t length = name.size() - std::min(name.size(), kPickleEntry.size());
    if (!name.ends_with(kPickleEntry) || name.find('/') != length) continue;
    if (folder) fail("it holds several pickles named data.pkl");
    folder = name.substr(0, length);
  }
  if (!folder) fail("it is a zip archive that torch.save has not written: it has no data.pkl");
  return *folder;
}

}  // namespace

TorchFile parse_torch_file(const SharedBytes& bytes, std::string_view name) {
  const ZipArchive archive = explaining(name, kKind, [&] { return open_archive(bytes); });
  const std::string folder = explaining(name, kKind, [&] { return find_folder(archive); });
  const std::string entry = folder + std::string(kPickleEntry);
  const SharedBytes text = explaining(name, kKind, [&] { return share(archive.read(entry)); });
  const pickle::Document document =
      pickle::read(text, fmt::format("{}:{}", name, entry), kKind, pickle::torch_vocabulary());

  return explaining(name, kKind, [&] {
    const auto* root = document.root().as<Dict>();
    if (root == nullptr) {
      fail("it holds {}, and a state dict is expected: save model.state_dict()",
           describe(document.root()));
    }
    Storages storages(archive, folder, bytes.size());
    return arrays_of(find_state_dict(*root), storages);
  });
}

TorchFile read_torch_file(const std::filesystem::path& path) {
  return parse_torch_file(map_file(path), path.string());
}

bool is_torch_file(const std::filesystem::path& path) {
  const std::string suffix = path.extension().string();
  if (suffix == ".pth" || suffix == ".pt") return true;
  return text_of(map_file(path).view).starts_with("PK");  // the mark of a zip archive
}

}  // namespace trine::io
