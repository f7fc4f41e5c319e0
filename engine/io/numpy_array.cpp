#include "engine/io/numpy_array.h"

#include <type_traits>

#include "engine/io/element.h"
#include "engine/io/strided.h"
#include "engine/io/utf8.h"

namespace trine::io::pickle {
namespace {

constexpr std::size_t kCharacterBytes = 4;  // 'U' holds UTF-32

struct NumericType {
  char kind;
  std::int64_t size;
  ElementType type;
};
constexpr NumericType kNumericTypes[] = {
    {'b', 1, ElementType::boolean}, {'u', 1, ElementType::u8},  {'u', 2, ElementType::u16},
    {'u', 4, ElementType::u32},     {'u', 8, ElementType::u64}, {'i', 1, ElementType::i8},
    {'i', 2, ElementType::i16},     {'i', 4, ElementType::i32}, {'i', 8, ElementType::i64},
    {'f', 2, ElementType::f16},     {'f', 4, ElementType::f32}, {'f', 8, ElementType::f64},
};

bool is_text(const NumpyType& dtype) { return dtype.kind == 'U' || dtype.kind == 'S'; }

ElementType numeric_type(const NumpyType& dtype) {
  for (const NumericType& known : kNumericTypes) {
    if (known.kind == dtype.kind && known.size == dtype.size) return known.type;
  }
  fail(
      "it holds a NumPy array of dtype {}{}, and booleans, integers, floats of 16 to 64 bits, "
      "strings and objects are read",
      dtype.kind, dtype.size);
}

std::size_t bytes_per_element(const NumpyType& dtype) {
  if (!is_text(dtype)) return size_of(numeric_type(dtype));
  const auto units = static_cast<std::size_t>(dtype.size);
  return dtype.kind == 'U' ? units * kCharacterBytes : units;
}

// `data` in row-major order and this machine's byte order; itself where it is so already.
SharedBytes to_native(Store& store, const SharedBytes& data, const Layout& layout,
                      std::size_t element_size, std::size_t swap_size) {
  const bool ordered = is_row_major(layout);
  if (ordered && swap_size == 1) return data;
  store.charge(data.size());
  std::vector<std::byte> copy = ordered ? std::vector<std::byte>(data.view.begin(), data.view.end())
                                        : gather(data.view, element_size, layout);
  if (swap_size > 1) swap_bytes(copy, swap_size);
  return share(std::move(copy));
}

// NumPy fills up with zeros; what stands before them is the text.
std::string text_from_utf32(ByteView element) {
  std::size_t characters = element.size() / kCharacterBytes;
  const auto character = [&](std::size_t i) {
    return load<std::uint32_t>(element.data() + i * kCharacterBytes);
  };
  while (characters > 0 && character(characters - 1) == 0) --characters;
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) {
    if (!append_utf8(text, char32_t{character(i)})) {
      fail("it holds a string with the character {}, which does not exist", character(i));
    }
  }
  return text;
}

Value::Data text_from(const NumpyType& dtype, const SharedBytes& element) {
  if (dtype.kind == 'U') return text_from_utf32(element.view);
  std::size_t length = element.size();
  while (length > 0 && element.view[length - 1] == std::byte{0}) --length;
  return Bytes{element.part(0, length)};
}

Objects texts_from(Store& store, const NumpyType& dtype, const SharedBytes& data, Extents shape) {
  const auto elements = static_cast<std::size_t>(count(shape));
  const std::size_t size = bytes_per_element(dtype);
  store.charge(data.size() + elements * sizeof(Value*));
  Objects out{std::move(shape), {}};
  out.items.reserve(elements);
  for (std::size_t i = 0; i < elements; ++i) {
    out.items.push_back(store.add(text_from(dtype, data.part(i * size, size))));
  }
  return out;
}

}  // namespace

Value::Data array_from_buffer(Store& store, const NumpyType& dtype, const SharedBytes& data,
                              Extents shape, Order order) {
  const std::size_t size = bytes_per_element(dtype);
  const auto elements = static_cast<std::uint64_t>(count(shape));
  // Strings of no characters take no bytes, however many there are: they are not believed.
  const bool fits = size == 0 ? data.size() == 0 && elements <= 1
                              : data.size() % size == 0 && data.size() / size == elements;
  if (!fits) {
    fail("it holds a NumPy array {} of {} bytes an element, and {} bytes are given for it",
         to_string(shape), size, data.size());
  }
  // Characters are swapped one by one; a single byte has no order.
  const std::size_t unit = dtype.kind == 'U' ? kCharacterBytes : dtype.kind == 'S' ? 1 : size;
  const Layout layout = order == Order::row_major ? row_major(shape) : column_major(shape);
  const SharedBytes native =
      to_native(store, data, layout, size, dtype.big_endian ? unit : std::size_t{1});
  if (is_text(dtype)) return texts_from(store, dtype, native, std::move(shape));
  return Array(numeric_type(dtype), std::move(shape), native);
}

Value::Data scalar_from_buffer(Store& store, const NumpyType& dtype, const SharedBytes& data) {
  const Value::Data array = array_from_buffer(store, dtype, data, {}, Order::row_major);
  if (const auto* texts = std::get_if<Objects>(&array)) return texts->items[0]->data;
  const auto& number = std::get<Array>(array);
  return visit_element(number.type(), [&]<class T>(T) -> Value::Data {
    const T value = load<T>(number.bytes().data());
    if constexpr (std::is_same_v<T, Boolean>) {
      return value != 0;
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      if (value > INT64_MAX) fail("it holds the number {}, and 2^63 - 1 is the most", value);
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<std::int64_t>(value);
    } else {
      return static_cast<double>(value);
    }
  });
}

}  // namespace trine::io::pickle
