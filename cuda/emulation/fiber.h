// A function with a stack of its own that can pause in the middle and go on later.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

namespace trine::emulation {

class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Begins `work` anew; it must have finished before. The function runs at the next resume().
  void start(const std::function<void()>& work);
  // Runs until the work pauses or ends. Rethrows what the work threw.
  void resume();
  bool done() const { return done_; }

  // Called by the work: returns to resume()'s caller until the next resume().
  void pause();

 private:
  struct Context;
  static void enter(Fiber* self);

  std::unique_ptr<Context> context_;
  const std::function<void()>* work_ = nullptr;
  std::exception_ptr failure_;
  bool done_ = true;
};

}  // namespace trine::emulation
