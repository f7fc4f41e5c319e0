#include "engine/io/pickle.h"

#include "engine/io/context.h"
#include "engine/io/foreign_format.h"
#include "engine/io/pickle_machine.h"

namespace trine::io::pickle {
namespace {

void check_beginning(ByteView bytes) {
  constexpr int kFirst = 2, kLast = 5;
  refuse_foreign_format(bytes);
  const std::string_view text = text_of(bytes);
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

Document parse(const SharedBytes& bytes, const Vocabulary& vocabulary) {
  check_beginning(bytes.view);
  auto store = std::make_unique<Store>(bytes.size());
  Machine machine(bytes, vocabulary, *store);
  try {
    const Value& root = machine.run();
    return Document(std::move(store), root, machine.position() + 1);
  } catch (const Error& error) {
    fail("at byte {} {}", machine.position(), error.what());
  }
}

Document read(const SharedBytes& bytes, std::string_view name, std::string_view kind,
              const Vocabulary& vocabulary) {
  return explaining(name, kind, [&] { return parse(bytes, vocabulary); });
}

}  // namespace trine::io::pickle
