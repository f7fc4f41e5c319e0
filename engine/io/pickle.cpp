#include "engine/io/pickle.h"

#include <array>

#include "engine/io/context.h"
#include "engine/io/pickle_machine.h"

namespace trine::io::pickle {
namespace {

struct Format {
  std::string_view magic, name;
};
constexpr std::array<Format, 6> kOtherFormats{{
    {"PK\x03\x04", "a zip archive, such as a PyTorch checkpoint or an .npz file"},
    {"\x89HDF", "an HDF5 file"},
    {"\x93NUMPY", "a NumPy .npy file"},
    {"\x1f\x8b", "compressed with gzip: unpack it first"},
    {"BZh", "compressed with bzip2: unpack it first"},
    {"\xfd"
     "7zXZ",
     "compressed with xz: unpack it first"},
}};

void check_beginning(std::string_view text) {
  constexpr int kFirst = 2, kLast = 5;
  for (const Format& format : kOtherFormats) {
    if (text.starts_with(format.magic)) fail("it is {}", format.name);
  }
  if (!text.starts_with('\x80')) {
    fail(
        "it does not begin like a pickle of protocol {} to {} (in Python, save it with "
        "pickle.dump(data, file, protocol=4))",
        kFirst, kLast);
  }
  const int protocol = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0;
  if (protocol < kFirst || protocol > kLast) {
    fail("it is of pickle protocol {}, and {} to {} are read", protocol, kFirst, kLast);
  }
}

}  // namespace

Document read(const SharedBytes& bytes, std::string_view name, std::string_view kind,
              const Vocabulary& vocabulary) {
  auto store = std::make_unique<Store>(bytes.size());
  Machine machine(bytes, vocabulary, *store);
  return explaining(name, kind, [&] {
    check_beginning(io::text_of(bytes.view));
    try {
      const Value& root = machine.run();
      return Document(std::move(store), root);
    } catch (const Error& error) {
      fail("at byte {} {}", machine.position(), error.what());
    }
  });
}

}  // namespace trine::io::pickle
