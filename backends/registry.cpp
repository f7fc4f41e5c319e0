#include "backends/registry.h"

#include <cstdlib>

#include <fmt/ranges.h>

#include "backends/cpu/cpu.h"
#include "backends/cuda/emulated.h"
#include "backends/null/null.h"
#include "backends/reference/reference.h"
#include "engine/error.h"
#ifdef TRINE_HAS_CUDA
#include "backends/cuda/gpu/gpu.h"
#endif
#ifdef TRINE_HAS_VULKAN
#include "backends/vulkan/vulkan.h"
#endif

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
  bool hidden;    // opened when asked for, not listed: for tests and planning
  bool has_tf32;  // else it computes in f32 alone
  BackendListing (*list)(const DeviceOptions&);
  std::unique_ptr<Backend> (*open)(const std::string& selector, const DeviceOptions&);
};

BackendListing one_device(const Backend& backend) {
  return {backend.info().id, {backend.info()}, ""};
}

#ifdef TRINE_HAS_VULKAN
BackendListing list_vulkan(const DeviceOptions&) {
  try {
    return {"vulkan", vulkan_devices(), "", unusable_vulkan_devices()};
  } catch (const Error& error) {
    return {"vulkan", {}, error.what()};
  }
}

std::unique_ptr<Backend> open_vulkan(const std::string& selector, const DeviceOptions&) {
  return make_vulkan_backend(selector);
}
#else
constexpr const char* kNoVulkan =
    "vulkan: this build has no Vulkan backend; install libvulkan-dev, glslang-dev, glslang-tools "
    "and spirv-tools and build again";

BackendListing list_vulkan(const DeviceOptions&) { return {"vulkan", {}, kNoVulkan}; }

std::unique_ptr<Backend> open_vulkan(const std::string&, const DeviceOptions&) {
  fail("{}", kNoVulkan);
}
#endif

#ifdef TRINE_HAS_CUDA
BackendListing list_cuda(const DeviceOptions&) { return list_cuda_devices(); }

std::unique_ptr<Backend> open_cuda(const std::string& selector, const DeviceOptions& options) {
  return make_cuda_backend(selector, options.precision);
}
#else
constexpr const char* kNoCuda =
    "cuda: this build has no CUDA backend; install the CUDA toolkit and build again";

BackendListing list_cuda(const DeviceOptions&) { return {"cuda", {}, kNoCuda}; }

std::unique_ptr<Backend> open_cuda(const std::string&, const DeviceOptions&) {
  fail("{}", kNoCuda);
}
#endif

const Kind kKinds[] = {
    {"cpu", false, false,
     [](const DeviceOptions& o) { return one_device(*make_cpu_backend(o.threads)); },
     [](const std::string&, const DeviceOptions& o) { return make_cpu_backend(o.threads); }},
    {"reference", false, false,
     [](const DeviceOptions&) { return one_device(*make_reference_backend()); },
     [](const std::string&, const DeviceOptions&) { return make_reference_backend(); }},
    {"cuda", false, true, list_cuda, open_cuda},
    {"vulkan", false, false, list_vulkan, open_vulkan},
    {"null", true, false, [](const DeviceOptions&) { return one_device(*make_null_backend()); },
     [](const std::string&, const DeviceOptions&) { return make_null_backend(); }},
    {"cuda-emulated", true, true,
     [](const DeviceOptions&) { return one_device(*make_cuda_emulated_backend()); },
     [](const std::string&, const DeviceOptions& o) {
       return make_cuda_emulated_backend(o.precision);
     }},
};

// A discrete GPU before an integrated one, by CUDA before Vulkan; empty where there is none. What
// only imitates a GPU on the processor is never chosen.
std::string best_gpu(const std::vector<BackendListing>& listings) {
  for (std::string_view type : {"discrete gpu", "integrated gpu"})
    for (const BackendListing& listing : listings)
      for (const DeviceInfo& device : listing.devices)
        if (device.type == type) return device.id;
  return "";
}

// Why there is no GPU: the reason of each kind that could have had one.
std::string why_no_gpu(const std::vector<BackendListing>& listings) {
  std::string reasons;
  for (const BackendListing& listing : listings) {
    if (listing.kind != "cuda" && listing.kind != "vulkan") continue;
    reasons +=
        listing.devices.empty()
            ? fmt::format("; {}", listing.reason)
            : fmt::format("; {}: its devices only imitate a GPU on the processor", listing.kind);
    for (const std::string& unusable : listing.unusable) reasons += "; " + unusable;
  }
  return reasons;
}

// What "auto" and "gpu" stand for; other names stand for themselves.
std::string resolved(const std::string& name) {
  if (name != "auto" && name != "gpu") return name;
  const std::vector<BackendListing> listings = list_devices();
  const std::string gpu = best_gpu(listings);
  if (!gpu.empty()) return gpu;
  if (name == "gpu") fail("there is no GPU that can be used{}", why_no_gpu(listings));
  return "cpu";
}

void check_precision(const Kind& kind, Precision precision) {
  if (precision == Precision::f32 || kind.has_tf32) return;
  fail(
      "{}: the precision {} was asked for, and this device computes in f32: name a device that has "
      "{} (cuda), or leave the precision at f32",
      kind.name, name_of(precision), name_of(precision));
}

}  // namespace

std::vector<BackendListing> list_devices() {
  std::vector<BackendListing> listings;
  for (const Kind& kind : kKinds)
    if (!kind.hidden) listings.push_back(kind.list({}));
  return listings;
}

std::vector<std::string> backends_built_in() {
  std::vector<std::string> names{"cpu"};
#ifdef TRINE_HAS_CUDA
  names.emplace_back("cuda");
#endif
#ifdef TRINE_HAS_VULKAN
  names.emplace_back("vulkan");
#endif
  return names;
}

std::unique_ptr<Backend> open_device(std::string_view name, const DeviceOptions& options) {
  std::string wanted(name);
  if (wanted.empty()) {
    const char* preset = std::getenv("TRINE_DEVICE");
    wanted = preset && *preset ? preset : "auto";
  }
  wanted = resolved(wanted);
  const DeviceName parsed = DeviceName::parse(wanted);
  std::vector<std::string_view> names = {"auto", "gpu"};
  for (const Kind& kind : kKinds) {
    if (kind.name == parsed.kind) {
      check_precision(kind, options.precision);
      return kind.open(parsed.selector, options);
    }
    if (!kind.hidden) names.push_back(kind.name);
  }
  fail("there is no device '{}'; choose one of {}", wanted, fmt::join(names, ", "));
}

}  // namespace trine
