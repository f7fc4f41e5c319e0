#include "backends/registry.h"

#include <cstdlib>

#include <fmt/ranges.h>

#include "backends/cpu/cpu.h"
#include "backends/null/null.h"
#include "backends/reference/reference.h"
#include "engine/error.h"

namespace trine {
namespace {

// "kind" or "kind:selector".
struct DeviceName {
  std::string kind, selector;

  static DeviceName parse(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return {std::string(text), ""};
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  }
};

struct Kind {
  std::string_view name;
  bool hidden;  // opened when asked for, not listed: needs no hardware and computes nothing useful
  BackendListing (*list)(const DeviceOptions&);
  std::unique_ptr<Backend> (*open)(const std::string& selector, const DeviceOptions&);
};

BackendListing one_device(const Backend& backend) { return {backend.info().id, {backend.info()}, ""}; }

const Kind kKinds[] = {
    {"cpu", false, [](const DeviceOptions& o) { return one_device(*make_cpu_backend(o.threads)); },
     [](const std::string&, const DeviceOptions& o) { return make_cpu_backend(o.threads); }},
    {"reference", false, [](const DeviceOptions&) { return one_device(*make_reference_backend()); },
     [](const std::string&, const DeviceOptions&) { return make_reference_backend(); }},
    {"null", true, [](const DeviceOptions&) { return one_device(*make_null_backend()); },
     [](const std::string&, const DeviceOptions&) { return make_null_backend(); }},
};

}  // namespace

std::vector<BackendListing> list_devices() {
  std::vector<BackendListing> listings;
  for (const Kind& kind : kKinds)
    if (!kind.hidden) listings.push_back(kind.list({}));
  return listings;
}

std::unique_ptr<Backend> open_device(std::string_view name, const DeviceOptions& options) {
  std::string wanted(name);
  if (wanted.empty()) {
    const char* preset = std::getenv("TRINE_DEVICE");
    wanted = preset && *preset ? preset : "auto";
  }
  if (wanted == "auto") wanted = "cpu";
  const DeviceName parsed = DeviceName::parse(wanted);
  std::vector<std::string_view> names = {"auto"};
  for (const Kind& kind : kKinds) {
    if (kind.name == parsed.kind) return kind.open(parsed.selector, options);
    names.push_back(kind.name);
  }
  fail("there is no device '{}'; choose one of {}", wanted, fmt::join(names, ", "));
}

}  // namespace trine
