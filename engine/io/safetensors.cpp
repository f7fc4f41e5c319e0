#include "engine/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>

#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/context.h"
#include "engine/io/mapped_file.h"
#include "engine/io/safetensors_header.h"

namespace trine::io {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors are little-endian, and arrays are handed on without a copy");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kLongestHeader = 100'000'000;  // that of the format's own library
constexpr std::size_t kAlignment = 8;  // of the data, by padding the header with spaces

// The header's text. Its length is believed only as far as the file reaches.
std::string_view header_of(ByteView file) {
  if (file.size() < kLengthBytes) {
    fail("it has {} bytes, and the length of its header alone takes {}", file.size(), kLengthBytes);
  }
  const auto length = load<std::uint64_t>(file.data());
  const std::size_t rest = file.size() - kLengthBytes;
  if (length > rest) {
    fail("its header should have {} bytes, and {} are left: it is cut short or of another format",
         length, rest);
  }
  if (length > kLongestHeader) {
    fail("its header has {} bytes, and no more than {} are read: it is damaged or made to harm",
         length, kLongestHeader);
  }
  return text_of(file.subspan(kLengthBytes, static_cast<std::size_t>(length)));
}

// Every byte of the data belongs to exactly one tensor.
void check_layout(const std::vector<TensorEntry>& entries, std::uint64_t data_size) {
  std::vector<const TensorEntry*> sorted;
  sorted.reserve(entries.size());
  for (const TensorEntry& entry : entries) {
    if (entry.begin > entry.end) {
      fail("the tensor {} ends at {}, before it begins at {}", entry.name, entry.end, entry.begin);
    }
    sorted.push_back(&entry);
  }
  std::ranges::sort(sorted, [](const TensorEntry* a, const TensorEntry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });

  std::uint64_t reached = 0;
  for (const TensorEntry* entry : sorted) {
    if (entry->begin < reached) fail("the tensor {} overlaps another one", entry->name);
    if (entry->begin > reached) {
      fail("{} bytes before the tensor {} belong to no tensor", entry->begin - reached,
           entry->name);
    }
    reached = entry->end;
  }
  if (reached > data_size) {
    fail("its tensors take {} bytes, and {} are there: it is cut short", reached, data_size);
  }
  if (reached < data_size) {
    fail("{} bytes after the last tensor belong to no tensor", data_size - reached);
  }
}

Array array_of(const TensorEntry& entry, const SharedBytes& data) {
  try {
    return Array(entry.type, entry.shape, data.part(entry.begin, entry.end - entry.begin));
  } catch (const Error& error) {
    fail("of the tensor {}, {}", entry.name, error.what());
  }
}

}  // namespace

Safetensors parse_safetensors(const SharedBytes& bytes, std::string_view name) {
  return explaining(name, "safetensors file", [&] {
    const std::string_view json = header_of(bytes.view);
    TensorHeader header = parse_header(json);
    const std::size_t data_begin = kLengthBytes + json.size();
    const SharedBytes data = bytes.part(data_begin, bytes.size() - data_begin);
    check_layout(header.entries, data.size());

    Safetensors out{{}, std::move(header.metadata)};
    out.arrays.reserve(header.entries.size());
    for (const TensorEntry& entry : header.entries) {
      out.arrays.push_back({entry.name, array_of(entry, data)});
    }
    return out;
  });
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(map_file(path), path.string());
}

void write_safetensors(const std::filesystem::path& path, const NamedArrays& arrays,
                       const Metadata& metadata) {
  write_safetensors(path, sources_of(arrays), metadata);
}

void write_safetensors(const std::filesystem::path& path, const ArraySources& arrays,
                       const Metadata& metadata) {
  std::string header;
  try {
    header = format_header(arrays, metadata);
  } catch (const nlohmann::json::exception&) {
    fail("cannot write {}: a name or a text in its metadata is not valid UTF-8", path.string());
  } catch (const Error& error) {
    fail("cannot write {}: {}", path.string(), error.what());
  }
  header.resize((header.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');

  AtomicFile file(path);
  const auto length =
      std::bit_cast<std::array<std::byte, kLengthBytes>>(static_cast<std::uint64_t>(header.size()));
  file.write(ByteView(length));
  file.write(header);
  for (const ArraySource& entry : arrays) {
    const Array array = entry.make();
    if (array.type() != entry.type || array.shape() != entry.shape)
      fail("cannot write {}: the array {} was to be {} {} and is {}", path.string(), entry.name,
           name_of(entry.type), to_string(entry.shape), to_string(array));
    file.write(array.bytes());
  }
  file.commit();
}

}  // namespace trine::io
