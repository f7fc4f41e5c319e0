#include "dmd/text/text_lines.h"

#include <algorithm>

#include "engine/io/utf8.h"

namespace dmd {

std::vector<std::string_view> lines_of(std::string_view text) {
  text = trine::io::without_byte_order_mark(text);
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace dmd
