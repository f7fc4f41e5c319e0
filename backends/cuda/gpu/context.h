// A GPU made ready: its context and its one stream. Thin owners over the driver's handles.
#pragma once

#include <memory>
#include <utility>

#include "backends/backend.h"
#include "backends/cuda/gpu/driver.h"

namespace trine::cuda {

class Context {
 public:
  // Error when the device cannot be used.
  Context(const Driver& driver, int index);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // The driver, with this context made current on the calling thread.
  const Driver& use() const;
  // The same for destructors: what fails there is of no use to anyone.
  const Driver& use_quietly() const noexcept;
  CUstream stream() const { return stream_; }
  CUdevice device() const { return device_; }
  void synchronize() const {
    use().check(driver_.cuStreamSynchronize(stream_), "waiting for the GPU");
  }

  // Compute capability: 90 for 9.0.
  int architecture() const;

 private:
  const Driver& driver_;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUstream stream_ = nullptr;
};

// What can be said of a device without making it ready.
DeviceInfo describe_device(const Driver& driver, int index);

// A driver handle that is destroyed with the object, in its context.
template <class Handle, auto Destroy>
class Owned {
 public:
  Owned() = default;
  Owned(std::shared_ptr<Context> context, Handle handle)
      : context_(std::move(context)), handle_(handle) {}
  Owned(Owned&& other) noexcept { *this = std::move(other); }
  Owned& operator=(Owned&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() {
    if (handle_) (context_->use_quietly().*Destroy)(handle_);
  }

  Handle get() const { return handle_; }

 private:
  std::shared_ptr<Context> context_;
  Handle handle_ = nullptr;
};

using Module = Owned<CUmodule, &Driver::cuModuleUnload>;
using Graph = Owned<CUgraph, &Driver::cuGraphDestroy>;
using GraphExec = Owned<CUgraphExec, &Driver::cuGraphExecDestroy>;
using Event = Owned<CUevent, &Driver::cuEventDestroy>;

}  // namespace trine::cuda
