// Assembles pickles opcode by opcode, so that tests can make what Python would not.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/bytes.h"

namespace formats {

// Each call appends; `bytes` ends the pickle.
class PickleWriter {
 public:
  explicit PickleWriter(int protocol = 4) : text_{'\x80', static_cast<char>(protocol)} {}

  // Opcodes and arguments as they stand in the file.
  PickleWriter& raw(std::string_view opcodes) {
    text_ += opcodes;
    return *this;
  }
  template <class T>
  PickleWriter& little_endian(T value) {
    return raw({reinterpret_cast<const char*>(&value), sizeof(T)});
  }

  PickleWriter& none() { return raw("N"); }
  PickleWriter& boolean(bool value) { return raw(value ? "\x88" : "\x89"); }
  PickleWriter& number(std::int32_t value) { return raw("J").little_endian(value); }
  PickleWriter& number(double value) {
    char reversed[sizeof(double)];
    std::memcpy(reversed, &value, sizeof(double));
    for (std::size_t i = 0; i < sizeof(double) / 2; ++i) {
      std::swap(reversed[i], reversed[sizeof(double) - 1 - i]);
    }
    return raw("G").raw({reversed, sizeof(double)});
  }
  PickleWriter& text(std::string_view value) {
    return raw("X").little_endian(static_cast<std::uint32_t>(value.size())).raw(value);
  }
  PickleWriter& bytes(std::string_view value) {
    return raw("B").little_endian(static_cast<std::uint32_t>(value.size())).raw(value);
  }
  PickleWriter& global(std::string_view module, std::string_view name) {
    return raw("c").raw(module).raw("\n").raw(name).raw("\n");
  }
  PickleWriter& mark() { return raw("("); }
  PickleWriter& tuple() { return raw("t"); }  // of what stands above the mark
  PickleWriter& list() { return raw("l"); }   // likewise
  PickleWriter& dict() { return raw("d"); }   // likewise
  PickleWriter& call() { return raw("R"); }   // function, arguments
  PickleWriter& build() { return raw("b"); }  // object, state
  PickleWriter& put(std::uint8_t index) { return raw("q").little_endian(index); }
  PickleWriter& get(std::uint8_t index) { return raw("h").little_endian(index); }

  // numpy.dtype, its byte order in `order`: '<', '>' or '|'.
  PickleWriter& dtype(std::string_view code, char order = '<') {
    global("numpy", "dtype").mark().text(code).boolean(false).boolean(true).tuple().call();
    mark().number(3).text({&order, 1}).none().none().none().number(-1).number(-1).number(0).tuple();
    return build();
  }
  PickleWriter& shape(const std::vector<std::int64_t>& extents) {
    mark();
    for (const std::int64_t extent : extents) raw("\x8a\x08").little_endian(extent);
    return tuple();
  }
  // Everything of an array up to its contents, which come next; `end_array` closes it.
  PickleWriter& begin_array(std::string_view code, const std::vector<std::int64_t>& extents,
                            char order = '<', bool fortran = false) {
    global("numpy.core.multiarray", "_reconstruct").mark();
    global("numpy", "ndarray").shape({0}).bytes("b").tuple().call();
    return mark().number(1).shape(extents).dtype(code, order).boolean(fortran);
  }
  PickleWriter& end_array() { return tuple().build(); }

  template <class T>
  PickleWriter& array(std::string_view code, const std::vector<std::int64_t>& extents,
                      const std::vector<T>& values, char order = '<', bool fortran = false) {
    begin_array(code, extents, order, fortran);
    bytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
    return end_array();
  }

  std::string finish() const { return text_ + '.'; }

 private:
  std::string text_;
};

inline trine::io::SharedBytes shared(std::string_view text) {
  return trine::io::share(std::vector<char>(text.begin(), text.end()));
}

}  // namespace formats
