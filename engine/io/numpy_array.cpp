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

std::optional<ElementType> numeric_type(const NumpyType& dtype) {
  for (const NumericType& known : kNumericTypes) {
    if (known.kind == dtype.kind && known.size == dtype.size) return known.type;
  }
  return std::nullopt;
}

// As NumPy calls them where an array is printed: "complex64".
Opaque other_array(Store& store, const NumpyType& dtype) {
  constexpr int kBitsPerByte = 8;
  const std::int64_t bits = dtype.size * kBitsPerByte;
  std::string what = "an array of the dtype ";
  switch (dtype.kind) {
    case 'f':
      what += fmt::format("float{}", bits);
      break;
    case 'c':
      what += fmt::format("complex{}", bits);
      break;
    case 'M':
      what += "datetime64";
      break;
    case 'm':
      what += "timedelta64";
      break;
    case 'V':
      what += "void (with fields)";
      break;
    default:
      what += fmt::format("{}{}", dtype.kind, dtype.size);
  }
  store.charge(what.size());
  return {std::move(what)};
}

std::size_t bytes_per_element(const NumpyType& dtype) {
  if (!is_text(dtype)) return size_of(numeric_type(dtype).value());
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
Value::Data text_from_utf32(ByteView element) {
  std::size_t characters = element.size() / kCharacterBytes;
  const auto character = [&](std::size_t i) {
    return load<std::uint32_t>(element.data() + i * kCharacterBytes);
  };
  while (characters > 0 && character(characters - 1) == 0) --characters;
  constexpr char kNeverInUtf8 = '\xff';
  std::string text;
  bool exists = true;
  for (std::size_t i = 0; i < characters; ++i) {
    if (append_utf8(text, char32_t{character(i)})) continue;
    text += kNeverInUtf8;
    exists = false;
  }
  if (exists) return text;
  return Bytes{share(std::vector<char>(text.begin(), text.end()))};
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
  if (!is_text(dtype) && !numeric_type(dtype)) return other_array(store, dtype);
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
  return Array(numeric_type(dtype).value(), std::move(shape), native);
}

std::optional<std::uint64_t> buffer_bytes(const NumpyType& dtype, const Extents& shape) {
  if (!is_text(dtype) && !numeric_type(dtype)) return std::nullopt;
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(count(shape), static_cast<std::int64_t>(bytes_per_element(dtype)),
                             &bytes)) {
    fail("the array {} has more bytes than can be counted", to_string(shape));
  }
  return static_cast<std::uint64_t>(bytes);
}

Value::Data scalar_from_buffer(Store& store, const NumpyType& dtype, const SharedBytes& data) {
  const Value::Data array = array_from_buffer(store, dtype, data, {}, Order::row_major);
  if (const auto* texts = std::get_if<Objects>(&array)) return texts->items[0]->data;
  if (const auto* other = std::get_if<Opaque>(&array)) return *other;
  const auto& number = std::get<Array>(array);
  return visit_element(number.type(), [&]<class T>(T) -> Value::Data {
    const T value = load<T>(number.bytes().data());
    if constexpr (std::is_same_v<T, Boolean>) {
      return value != 0;
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      if (value > INT64_MAX) return Opaque{fmt::format("the number {}", value)};
      return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_integral_v<T>) {
      return static_cast<std::int64_t>(value);
    } else {
      return static_cast<double>(value);
    }
  });
}

}  // namespace trine::io::pickle
