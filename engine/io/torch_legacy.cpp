#include "engine/io/torch_legacy.h"

#include <string_view>

#include "engine/io/byte_cursor.h"
#include "engine/io/utf8.h"

namespace trine::io {
namespace {

using namespace std::string_view_literals;
using pickle::Document;
using pickle::List;
using pickle::Storage;

// A pickle of protocol 2 with a number of ten bytes.
constexpr std::string_view kMagic =
    "\x80\x02\x8a\x0al\xfc\x9c"
    "F\xf9 j\xa8P\x19."sv;
constexpr std::int64_t kVersion = 1001;

// Pickles one behind the other.
class Sequence {
 public:
  Sequence(const SharedBytes& bytes, const pickle::Vocabulary& vocabulary)
      : rest_(bytes), vocabulary_(vocabulary) {}

  Document next() {
    Document document = pickle::parse(rest_, vocabulary_);
    skip(document.length());
    return document;
  }
  void skip(std::size_t length) { rest_ = rest_.part(length, rest_.size() - length); }
  const SharedBytes& rest() const { return rest_; }

 private:
  SharedBytes rest_;
  const pickle::Vocabulary& vocabulary_;
};

// The sizes of elements by key: the storages themselves do not say.
std::map<std::string, std::size_t> element_sizes(const Document& document) {
  std::map<std::string, std::size_t> sizes;
  document.store().each<Storage>([&](const Storage& storage) {
    const std::size_t size = size_of(storage.type);
    if (sizes.emplace(storage.key, size).first->second != size) {
      fail("its storage {} is of two types", printable(storage.key));
    }
  });
  return sizes;
}

SharedBytes take_storage(ByteCursor& cursor, const SharedBytes& rest, std::size_t element_size,
                         const std::string& key) {
  const auto elements = cursor.little_endian<std::int64_t>();
  const auto left = static_cast<std::uint64_t>(rest.size() - cursor.position());
  // Compared by division: elements times size could overflow.
  if (elements < 0 || static_cast<std::uint64_t>(elements) > left / element_size) {
    fail(
        "its storage {} should hold {} elements of {} bytes, and {} bytes are left: it is cut "
        "short",
        printable(key), elements, element_size, left);
  }
  const std::size_t begin = cursor.position();
  const std::size_t length = static_cast<std::size_t>(elements) * element_size;
  cursor.take(length);
  return rest.part(begin, length);
}

}  // namespace

bool is_torch_legacy(ByteView bytes) { return text_of(bytes).starts_with(kMagic); }

TorchLegacy parse_torch_legacy(const SharedBytes& bytes, const pickle::Vocabulary& vocabulary) {
  if (!is_torch_legacy(bytes.view)) fail("it does not begin like a file of torch.save");
  Sequence pickles(bytes, vocabulary);
  pickles.skip(kMagic.size());
  const Document version = pickles.next();
  const auto* number = version.root().as<std::int64_t>();
  if (number == nullptr || *number != kVersion) {
    fail("its version is {}, and {} is expected", describe(version.root()), kVersion);
  }
  pickles.next();  // sizes of C's types, which nobody has needed
  Document object = pickles.next();
  const Document keys = pickles.next();
  const auto* list = keys.root().as<List>();
  if (list == nullptr) fail("it has {} in the place of its storages' keys", describe(keys.root()));

  const std::map<std::string, std::size_t> sizes = element_sizes(object);
  std::map<std::string, SharedBytes> storages;
  ByteCursor cursor(pickles.rest().view);
  for (const pickle::Value* item : list->items) {
    const auto key = text_in(*item);
    const auto size = key ? sizes.find(*key) : sizes.end();
    if (size == sizes.end()) fail("nothing says of what type its storage {} is", describe(*item));
    storages[*key] = take_storage(cursor, pickles.rest(), size->second, *key);
  }
  return {std::move(object), std::move(storages)};
}

Storage storage_from_legacy(const SharedBytes& bytes, const pickle::Vocabulary& vocabulary) {
  TorchLegacy file = parse_torch_legacy(bytes, vocabulary);
  const auto* storage = file.document.root().as<Storage>();
  if (storage == nullptr) {
    fail("it holds {} in the place of a tensor's storage", describe(file.document.root()));
  }
  const auto found = file.storages.find(storage->key);
  if (found == file.storages.end()) fail("a tensor's storage is missing");
  Storage out = *storage;
  out.bytes = std::make_shared<const SharedBytes>(found->second);
  return out;
}

}  // namespace trine::io
