#include "cuda/emulation/fiber.h"

#include <cstdint>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace trine::emulation {
namespace {

constexpr std::size_t kStackBytes = 64 * 1024;

}  // namespace

#if defined(__x86_64__)

// Saves what a callee must preserve on the current stack, stores that stack in *from and goes on
// with the stack `to`. ucontext would do, but asks the kernel to save the signal mask each time,
// and a block of kernels switches thousands of times.
extern "C" void trine_switch_stack(void** from, void* to);
asm(R"(
.text
.type trine_switch_stack, @function
trine_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size trine_switch_stack, .-trine_switch_stack
)");

namespace {

class Stacks {
 public:
  void prepare(char* stack, void (*entry)()) {
    // Top of the stack: six registers, the entry as return address, and a slot that aligns the
    // stack as a call would.
    auto** top = reinterpret_cast<void**>(reinterpret_cast<std::uintptr_t>(stack + kStackBytes) &
                                          ~std::uintptr_t{15});
    top -= 8;
    top[6] = reinterpret_cast<void*>(entry);
    top[7] = nullptr;
    inside_ = top;
  }
  void go_in() { trine_switch_stack(&outside_, inside_); }
  void go_out() { trine_switch_stack(&inside_, outside_); }

 private:
  void* outside_ = nullptr;
  void* inside_ = nullptr;
};

}  // namespace

#else

namespace {

class Stacks {
 public:
  void prepare(char* stack, void (*entry)()) {
    getcontext(&inside_);
    inside_.uc_stack.ss_sp = stack;
    inside_.uc_stack.ss_size = kStackBytes;
    inside_.uc_link = nullptr;
    makecontext(&inside_, entry, 0);
  }
  void go_in() { swapcontext(&outside_, &inside_); }
  void go_out() { swapcontext(&inside_, &outside_); }

 private:
  ucontext_t outside_, inside_;
};

}  // namespace

#endif

// Address sanitizer keeps books about stacks and must hear of each switch.
struct Fiber::Context {
  std::unique_ptr<char[]> stack{new char[kStackBytes]};
  Stacks stacks;
#if defined(__SANITIZE_ADDRESS__)
  void* fake_inside = nullptr;
  void* fake_outside = nullptr;
  const void* outside_bottom = nullptr;
  std::size_t outside_bytes = 0;

  void go_in() {
    __sanitizer_start_switch_fiber(&fake_outside, stack.get(), kStackBytes);
    stacks.go_in();
    __sanitizer_finish_switch_fiber(fake_outside, nullptr, nullptr);
  }
  void arrived() { __sanitizer_finish_switch_fiber(fake_inside, &outside_bottom, &outside_bytes); }
  void go_out(bool forever) {
    __sanitizer_start_switch_fiber(forever ? nullptr : &fake_inside, outside_bottom, outside_bytes);
    stacks.go_out();
    arrived();
  }
#else
  void go_in() { stacks.go_in(); }
  void arrived() {}
  void go_out(bool) { stacks.go_out(); }
#endif
};

namespace {
// The fiber that starts next on this host thread: its entry takes no arguments.
thread_local Fiber* entering = nullptr;
}  // namespace

Fiber::Fiber() : context_(std::make_unique<Context>()) {}
Fiber::~Fiber() = default;

void Fiber::start(const std::function<void()>& work) {
  work_ = &work;
  failure_ = nullptr;
  done_ = false;
#if defined(__SANITIZE_ADDRESS__)
  context_->fake_inside = nullptr;
#endif
  context_->stacks.prepare(context_->stack.get(), [] { enter(entering); });
}

void Fiber::enter(Fiber* self) {
  self->context_->arrived();
  try {
    (*self->work_)();
  } catch (...) {
    self->failure_ = std::current_exception();
  }
  self->done_ = true;
  self->context_->go_out(true);
}

void Fiber::resume() {
  entering = this;
  context_->go_in();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Fiber::pause() { context_->go_out(false); }

}  // namespace trine::emulation
