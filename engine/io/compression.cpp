#include "engine/io/compression.h"

#include <algorithm>
#include <limits>

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>

namespace trine::io {
namespace {

// Memory that grows. realloc moves pages of large blocks and copies nothing; a vector would.
class Output {
 public:
  explicit Output(std::size_t most) : most_(most) {}
  ~Output() { std::free(memory_); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Room behind what is written, at least a byte. Throws where the limit is reached.
  std::span<std::byte> room() {
    if (size_ == capacity_) grow();
    return {memory_ + size_, capacity_ - size_};
  }
  void wrote(std::size_t bytes) {
    size_ += bytes;
    if (size_ > most_) too_large();
  }

  SharedBytes take() {
    std::byte* memory = std::exchange(memory_, nullptr);
    const std::shared_ptr<const void> owner(memory, [](const void* p) {
      std::free(const_cast<void*>(p));  // it was malloc's to begin with
    });
    return {owner, ByteView(memory, size_)};
  }

 private:
  [[noreturn]] void too_large() const {
    fail(
        "it unpacks to more than {} MiB, the most that is read of a packed file of its size: if it "
        "is what it should be, unpack it first",
        most_ >> 20);
  }

  void grow() {
    constexpr std::size_t kFirst = 1 << 20;
    if (capacity_ > most_) too_large();
    // A byte more than may be used, so that a file of just that size shows its end.
    const std::size_t capacity = std::min(std::max(kFirst, 2 * capacity_), most_ + 1);
    auto* memory = static_cast<std::byte*>(std::realloc(memory_, capacity));
    if (memory == nullptr) fail("there is no memory to unpack it to more than {} bytes", size_);
    memory_ = memory;
    capacity_ = capacity;
  }

  std::size_t most_;
  std::byte* memory_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

// The libraries count input and room in 32 bits.
template <class Count>
Count clipped(std::size_t size) {
  return static_cast<Count>(std::min<std::size_t>(size, std::numeric_limits<Count>::max()));
}

[[noreturn]] void fail_damaged(std::string_view tool) {
  fail("it is packed by {} and damaged or cut short", tool);
}

// Tapes and disks fill files up with zeros.
bool is_padding(ByteView rest) {
  return std::ranges::all_of(rest, [](std::byte b) { return b == std::byte{0}; });
}

class Gzip {
 public:
  Gzip() {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) fail("zlib cannot be started");
  }
  ~Gzip() { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  // One stream; what follows it is returned.
  ByteView unpack(ByteView packed, Output& output) {
    inflateReset(&stream_);
    for (int status = Z_OK; status != Z_STREAM_END;) {
      const std::span<std::byte> room = output.room();
      const auto input = clipped<uInt>(packed.size()), space = clipped<uInt>(room.size());
      stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
      stream_.avail_in = input;
      stream_.next_out = reinterpret_cast<Bytef*>(room.data());
      stream_.avail_out = space;
      status = inflate(&stream_, Z_NO_FLUSH);
      if (status != Z_OK && status != Z_STREAM_END) fail_damaged("gzip");
      output.wrote(space - stream_.avail_out);
      packed = packed.subspan(input - stream_.avail_in);
    }
    return packed;
  }

 private:
  z_stream stream_{};
};

class Bzip2 {
 public:
  Bzip2() {
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) fail("bzip2 cannot be started");
  }
  ~Bzip2() { BZ2_bzDecompressEnd(&stream_); }
  Bzip2(const Bzip2&) = delete;
  Bzip2& operator=(const Bzip2&) = delete;

  ByteView unpack(ByteView packed, Output& output) {
    for (int status = BZ_OK; status != BZ_STREAM_END;) {
      const std::span<std::byte> room = output.room();
      const auto input = clipped<unsigned>(packed.size()), space = clipped<unsigned>(room.size());
      stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(packed.data()));
      stream_.avail_in = input;
      stream_.next_out = reinterpret_cast<char*>(room.data());
      stream_.avail_out = space;
      status = BZ2_bzDecompress(&stream_);
      const std::size_t taken = input - stream_.avail_in, given = space - stream_.avail_out;
      // bzip2 does not say that its input has ended; it stands still.
      const bool stuck = status == BZ_OK && taken == 0 && given == 0;
      if ((status != BZ_OK && status != BZ_STREAM_END) || stuck) fail_damaged("bzip2");
      output.wrote(given);
      packed = packed.subspan(taken);
    }
    return packed;
  }

 private:
  bz_stream stream_{};
};

class Xz {
 public:
  Xz() {
    constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 30;  // xz -9 takes 65 MiB
    if (lzma_stream_decoder(&stream_, kMostMemory, LZMA_CONCATENATED) != LZMA_OK)
      fail("xz cannot be started");
  }
  ~Xz() { lzma_end(&stream_); }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

  void unpack(ByteView packed, Output& output) {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
    stream_.avail_in = packed.size();
    for (lzma_ret status = LZMA_OK; status != LZMA_STREAM_END;) {
      const std::span<std::byte> room = output.room();
      stream_.next_out = reinterpret_cast<std::uint8_t*>(room.data());
      stream_.avail_out = room.size();
      status = lzma_code(&stream_, LZMA_FINISH);
      if (status != LZMA_OK && status != LZMA_STREAM_END) fail_damaged("xz");
      output.wrote(room.size() - stream_.avail_out);
    }
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

// Several packers write a stream for each core. What follows the last is padding, or damage.
template <class Unpacker>
void unpack_streams(ByteView packed, Compression compression, Output& output) {
  while (!packed.empty()) {
    packed = Unpacker().unpack(packed, output);
    if (compression_of(packed) == compression) continue;
    if (!is_padding(packed))
      fail("{} bytes of something else follow what is packed in it", packed.size());
    return;
  }
}

// A length, then the brace of a header in JSON.
bool is_safetensors(ByteView bytes) {
  constexpr std::size_t kLengthBytes = 8;
  return bytes.size() > kLengthBytes && bytes[kLengthBytes] == std::byte{'{'} &&
         load<std::uint64_t>(bytes.data()) <= bytes.size() - kLengthBytes;
}

}  // namespace

std::optional<Compression> compression_of(ByteView bytes) {
  using namespace std::string_view_literals;
  constexpr auto kGzip = "\x1f\x8b\x08"sv, kBzip2 = "BZh"sv;
  constexpr auto kXz =
      "\xfd"
      "7zXZ\0"sv;
  constexpr auto kBlock = "1AY&SY"sv, kNoBlock = "\x17rE8P\x90"sv;  // digits of pi, and of its root
  constexpr std::size_t kBlockAt = 4;
  const std::string_view text = text_of(bytes);
  if (is_safetensors(bytes)) return std::nullopt;
  if (text.starts_with(kGzip)) return Compression::gzip;
  if (text.starts_with(kXz)) return Compression::xz;
  const std::string_view block = text.substr(std::min(text.size(), kBlockAt));
  const bool bzip2 = block.starts_with(kBlock) || block.starts_with(kNoBlock);
  if (text.starts_with(kBzip2) && bzip2) return Compression::bzip2;
  return std::nullopt;
}

std::size_t most_unpacked(std::size_t packed_bytes) {
  constexpr std::size_t kAlways = std::size_t{1} << 30, kTimes = 32;
  return kAlways + kTimes * packed_bytes;
}

SharedBytes unpack(ByteView packed, Compression compression, std::size_t most) {
  Output output(most);
  switch (compression) {
    case Compression::gzip:
      unpack_streams<Gzip>(packed, compression, output);
      break;
    case Compression::bzip2:
      unpack_streams<Bzip2>(packed, compression, output);
      break;
    case Compression::xz:
      Xz().unpack(packed, output);
      break;
  }
  return output.take();
}

}  // namespace trine::io
