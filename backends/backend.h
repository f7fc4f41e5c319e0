// The seam between the engine and a device: everything a backend must do, and all that the rest of
// the program knows of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/passes/fusion.h"
#include "engine/plan.h"
#include "engine/run_params.h"

namespace trine {

struct DeviceInfo {
  std::string id;    // what --device takes: "cpu", "vulkan:0"
  std::string name;  // what the maker calls it
  std::string type;  // "cpu", "discrete gpu", "integrated gpu", "software", "emulation"
  std::string driver;
  std::int64_t memory_bytes = 0;  // 0: unknown
  std::vector<std::pair<std::string, std::string>>
      details;  // limits and features, for `dmd devices`
};

// Device memory that outlives programs: a state arena. Freed with the object.
class DeviceBuffer {
 public:
  virtual ~DeviceBuffer() = default;
  virtual std::int64_t bytes() const = 0;
  virtual void upload(std::int64_t first_byte, std::span<const std::byte> data) = 0;
  virtual void download(std::int64_t first_byte, std::span<std::byte> data) const = 0;
};

// Time spent in one launch of a program, from a profiled run.
struct LaunchTime {
  int step = 0;  // index into the plan's steps
  double microseconds = 0;
};

// A plan made ready to replay. Not thread-safe.
class Program {
 public:
  virtual ~Program() = default;
  // Copies a feed's value; it stays until the next write. `data` fills the feed's operand exactly.
  virtual void write(const Feed& feed, std::span<const std::byte> data) = 0;
  // Runs every wave. May return before the end, and then read(), like a download of a state, waits
  // for it and throws what failed; writes and other programs of the device stand in line.
  virtual void run(const RunParams& params) = 0;
  // Copies a fetched value of the last run.
  virtual void read(const Fetch& fetch, std::span<std::byte> data) const = 0;
  // Runs once more with a clock around each launch; costs more than run().
  virtual std::vector<LaunchTime> profile(const RunParams& params) = 0;
};

struct CompileOptions {
  // Fills the workspace with NaN before each run and guards its ends, so that a kernel that reads
  // what nothing wrote or writes outside shows: for tests. run() throws when a guard was hit.
  bool check_memory = false;
};

// States that a plan's state buffers bind to, by name; sizes are at least what the plan uses.
using StateBinding = std::function<DeviceBuffer&(const Buffer&)>;

class Backend {
 public:
  virtual ~Backend() = default;
  virtual DeviceInfo info() const = 0;
  // Empty if the step can run here; otherwise a sentence that says why not and what to do.
  virtual std::string unsupported(const Step& step) const = 0;
  // What its kernels can be joined with: plans for it are fused accordingly.
  virtual Fusion fusion() const = 0;
  // Zeroed.
  virtual std::unique_ptr<DeviceBuffer> allocate(std::int64_t bytes) = 0;
  // Error, before anything runs, when a step is not supported. The plan is copied or kept as
  // needed.
  virtual std::unique_ptr<Program> compile(std::shared_ptr<const Plan> plan,
                                           const StateBinding& states,
                                           const CompileOptions& options) = 0;
};

// Fills a buffer with zeros, for backends whose memory does not come cleared.
void upload_zeros(DeviceBuffer& buffer);

// Throws an Error that names the first step `backend` cannot run, its place in the model and the
// remedy. Every compile() begins with it.
void require_supported(const Backend& backend, const Plan& plan);

}  // namespace trine
