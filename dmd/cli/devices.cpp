// dmd devices: what this machine can compute on.

#include <fmt/format.h>

#include "backends/registry.h"
#include "dmd/cli/command.h"

namespace dmd::cli {
namespace {

struct Options {
  bool json = false;
};

std::string memory_text(std::int64_t bytes) {
  if (bytes == 0) return "-";
  constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / kGibibyte);
}

std::string text_of(const std::vector<trine::BackendListing>& listings) {
  Table table{.columns = {"device", "type", "memory", "driver", "name"}, .rows = {}};
  std::string absent, details;
  for (const trine::BackendListing& listing : listings) {
    if (listing.devices.empty()) absent += fmt::format("\n{}", listing.reason);
    for (const std::string& unusable : listing.unusable) absent += "\n" + unusable;
    for (const trine::DeviceInfo& device : listing.devices) {
      table.rows.push_back(
          {device.id, device.type, memory_text(device.memory_bytes), device.driver, device.name});
      for (const auto& [name, value] : device.details)
        details += fmt::format("\n{}: {} {}", device.id, name, value);
    }
  }
  std::string text = aligned(table);
  for (const std::string& part : {details, absent})
    if (!part.empty()) text += part + "\n";
  return text;
}

Json json_of(const std::vector<trine::BackendListing>& listings) {
  Json devices = Json::array(), unusable = Json::array(), absent = Json::array();
  for (const trine::BackendListing& listing : listings) {
    if (listing.devices.empty())
      absent.push_back({{"kind", listing.kind}, {"reason", listing.reason}});
    for (const trine::DeviceInfo& device : listing.devices) devices.push_back(cli::json_of(device));
    for (const std::string& why : listing.unusable) unusable.push_back(why);
  }
  return {{"devices", devices}, {"unusable", unusable}, {"absent", absent}};
}

Exit show_devices(const Options& options) {
  const auto listings = trine::list_devices();
  if (options.json) {
    print_json(json_of(listings));
  } else {
    print(text_of(listings));
  }
  return Exit::success;
}

}  // namespace

void add_devices(Command program, Action& chosen) {
  const auto options = std::make_shared<Options>();
  const Command command = add_command(
      program, chosen, "devices", "List the devices that --device takes, and why others are absent",
      "  dmd devices --json", options, show_devices);
  add_json(command, options->json);
}

}  // namespace dmd::cli
