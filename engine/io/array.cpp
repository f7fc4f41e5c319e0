#include "engine/io/array.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include <fmt/ranges.h>

#include "engine/io/element.h"

namespace trine::io {
namespace {

// More than any memory holds, and little enough that the number of bytes fits 64 bits as well.
constexpr std::int64_t kMostElements = std::int64_t{1} << 56;

template <class To>
std::vector<To> convert(ElementType type, ByteView bytes) {
  return visit_element(type, [bytes]<class From>(From) {
    std::vector<To> out(bytes.size() / sizeof(From));
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<To>(load<From>(bytes.data() + i * sizeof(From)));
    }
    return out;
  });
}

// Every 32-bit integer is a double, and no larger integer rounds to one within 32 bits: asking in
// double is exact.
std::int32_t whole_number(double value, std::size_t index) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (!(value >= Limits::min() && value <= Limits::max() && std::trunc(value) == value)) {
    fail("element {} is {}, and a whole number within 32 bits is expected", index, value);
  }
  return static_cast<std::int32_t>(value);
}

template <class T>
Array make(ElementType type, std::vector<T> values, Extents shape) {
  return Array(type, std::move(shape), share(std::move(values)));
}

}  // namespace

std::size_t size_of(ElementType type) {
  return visit_element(type, []<class T>(T) { return sizeof(T); });
}

std::string_view name_of(ElementType type) {
  switch (type) {
    case ElementType::boolean:
      return "bool";
    case ElementType::u8:
      return "u8";
    case ElementType::i8:
      return "i8";
    case ElementType::u16:
      return "u16";
    case ElementType::i16:
      return "i16";
    case ElementType::u32:
      return "u32";
    case ElementType::i32:
      return "i32";
    case ElementType::u64:
      return "u64";
    case ElementType::i64:
      return "i64";
    case ElementType::f16:
      return "f16";
    case ElementType::bf16:
      return "bf16";
    case ElementType::f32:
      return "f32";
    case ElementType::f64:
      return "f64";
  }
  return "unknown";
}

std::string to_string(const Extents& extents) {
  return fmt::format("({})", fmt::join(extents, ", "));
}

std::int64_t count(const Extents& extents) {
  if (extents.size() > kMaxFileRank) {
    fail("a shape of {} dimensions is given, and at most {} are read", extents.size(),
         kMaxFileRank);
  }
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    if (extent < 0) fail("the shape {} has a negative extent", to_string(extents));
    if (__builtin_mul_overflow(product, extent, &product) || product > kMostElements) {
      fail("the shape {} has more elements than can be counted", to_string(extents));
    }
  }
  return product;
}

Array::Array(ElementType type, Extents shape, SharedBytes bytes)
    : type_(type), shape_(std::move(shape)), bytes_(std::move(bytes)) {
  // Compared by division: count times size could overflow.
  const auto elements = static_cast<std::uint64_t>(count(shape_));
  if (bytes_.size() % size_of(type_) != 0 || bytes_.size() / size_of(type_) != elements) {
    fail("an array {} {} holds {} elements, and {} bytes are given for it", name_of(type_),
         to_string(shape_), elements, bytes_.size());
  }
}

Array Array::from(std::vector<float> values, Extents shape) {
  return make(ElementType::f32, std::move(values), std::move(shape));
}
Array Array::from(std::vector<double> values, Extents shape) {
  return make(ElementType::f64, std::move(values), std::move(shape));
}
Array Array::from(std::vector<std::int32_t> values, Extents shape) {
  return make(ElementType::i32, std::move(values), std::move(shape));
}
Array Array::from(std::vector<std::int64_t> values, Extents shape) {
  return make(ElementType::i64, std::move(values), std::move(shape));
}
Array Array::from(std::vector<std::uint8_t> values, Extents shape) {
  return make(ElementType::u8, std::move(values), std::move(shape));
}

std::vector<float> Array::to_f32() const { return convert<float>(type_, bytes_.view); }

std::vector<double> Array::to_f64() const { return convert<double>(type_, bytes_.view); }

std::vector<std::int32_t> Array::to_i32() const {
  return visit_element(type_, [this]<class From>(From) {
    std::vector<std::int32_t> out(bytes_.size() / sizeof(From));
    for (std::size_t i = 0; i < out.size(); ++i) {
      const From value = load<From>(bytes_.view.data() + i * sizeof(From));
      out[i] = whole_number(static_cast<double>(value), i);
    }
    return out;
  });
}

std::string to_string(const Array& array) {
  return fmt::format("{} {}", name_of(array.type()), to_string(array.shape()));
}

ArraySources sources_of(const NamedArrays& arrays) {
  ArraySources sources;
  for (const auto& [name, array] : arrays)
    sources.push_back({name, array.type(), array.shape(), [array = array] { return array; }});
  return sources;
}

const Array* find(const NamedArrays& arrays, std::string_view name) {
  for (const NamedArray& entry : arrays) {
    if (entry.name == name) return &entry.array;
  }
  return nullptr;
}

}  // namespace trine::io
