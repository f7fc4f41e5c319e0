#include "engine/io/foreign_format.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/ranges.h>

#include "engine/io/utf8.h"

namespace trine::io {
namespace {

using namespace std::string_view_literals;

struct Format {
  std::string_view beginning, name;
};

constexpr std::string_view kSavePickle =
    "load it in Python and save what it holds with pickle.dump(data, file, protocol=4)";

constexpr std::array kFormats{
    Format{"version https://git-lfs"sv,
           "a Git LFS pointer, which stands for the file: fetch the file with `git lfs pull`"},
    Format{"PK\x03\x04"sv, "a zip archive, such as a PyTorch checkpoint or an .npz file"},
    Format{"\x89HDF"sv, "an HDF5 file"},
    Format{"\x93NUMPY"sv, "a NumPy .npy file"},
    Format{"CDF"sv, "a NetCDF file"},
    Format{"MATLAB "sv, "a MATLAB file"},
    Format{"PAR1"sv, "a Parquet file"},
    Format{"\x1f\x8b"sv, "compressed with gzip: unpack it first"},
    Format{"BZh"sv, "compressed with bzip2: unpack it first"},
    Format{"\xfd"
           "7zXZ"sv,
           "compressed with xz: unpack it first"},
    Format{"\x28\xb5\x2f\xfd"sv, "compressed with zstd: unpack it first"},
    Format{"\x04\x22\x4d\x18"sv, "compressed with lz4: unpack it first"},
    Format{"\x78\x9c"sv, "compressed with zlib, as joblib does"},
    Format{"\x78\x5e"sv, "compressed with zlib, as joblib does"},
    Format{"7z\xbc\xaf"sv, "a 7z archive: unpack it first"},
    Format{"Rar!"sv, "a RAR archive: unpack it first"},
};

// Servers answer with a page where a link has expired or wants a login.
bool is_web_page(std::string_view text) {
  constexpr std::size_t kEnough = 64;
  std::string lower;
  for (const char c : text.substr(0, kEnough)) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isspace(byte) == 0 || !lower.empty()) lower += static_cast<char>(std::tolower(byte));
  }
  constexpr std::array kBeginnings{"<!doctype"sv, "<html"sv, "<head"sv, "<?xml"sv};
  return std::ranges::any_of(kBeginnings, [&](auto part) { return lower.starts_with(part); });
}

bool is_tar(std::string_view text) {
  constexpr std::size_t kMagicAt = 257;
  return text.size() > kMagicAt && text.substr(kMagicAt).starts_with("ustar");
}

bool says_what_to_do(std::string_view name) { return name.find(": ") != name.npos; }

}  // namespace

void refuse_foreign_format(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  if (is_web_page(text)) {
    fail("it is a web page, so the download has failed: get the file again, in a browser perhaps");
  }
  if (is_tar(text)) fail("it is a tar archive: unpack it first");
  for (const Format& format : kFormats) {
    if (!text.starts_with(format.beginning)) continue;
    if (says_what_to_do(format.name)) fail("it is {}", format.name);
    fail("it is {}: {}", format.name, kSavePickle);
  }
}

std::string describe_zip(const std::vector<std::string>& names) {
  const auto is_npy = [](const std::string& name) { return name.ends_with(".npy"); };
  if (!names.empty() && std::ranges::all_of(names, is_npy)) {
    return fmt::format("a NumPy .npz file: {}", kSavePickle);
  }
  if (names.empty()) return "a zip archive with nothing in it";
  constexpr std::size_t kMost = 3;
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + std::min(names.size(), kMost));
  const std::string others =
      names.size() > kMost ? fmt::format(" and {} more", names.size() - kMost) : std::string();
  return fmt::format(
      "a zip archive that torch.save has not written (there is no data.pkl in it) and that holds "
      "{}{}: unpack it and name the file that is meant",
      printable(fmt::format("{}", fmt::join(first, ", ")), 200), others);
}

}  // namespace trine::io
