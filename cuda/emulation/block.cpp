#include "cuda/emulation/block.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "cuda/emulation/builtins.h"
#include "cuda/emulation/fiber.h"
#include "engine/error.h"

namespace trine::emulation {
namespace {

constexpr int kLanes = 32;

// Threads that meet: the block, or a warp of it. The last to arrive lets all go on.
struct Meeting {
  int members = 0, arrived = 0;
  unsigned round = 0;
  Place place;  // of the first to arrive
};

struct Warp {
  Meeting meeting;
  // Two sets of values: lanes may begin the next exchange while others still read this one.
  unsigned values[2][kLanes];
};

class Block {
 public:
  void run(int threads, const std::function<void()>& thread, bool backwards) {
    prepare(threads, thread);
    int running = threads;
    while (running > 0) {
      progress_ = false;
      for (int i = 0; i < threads; ++i) running -= advance(backwards ? threads - 1 - i : i);
      if (!progress_)
        fail(
            "emulation: {} threads of a block wait at a barrier or shuffle that the others do not "
            "reach",
            running);
    }
  }

  bool meet_block(Place place, bool vote) {
    // Two votes, as with a warp's values: threads may begin the next while others read this one.
    bool& votes = votes_[block_.round % 2];
    if (block_.arrived == 0) votes = false;
    votes = votes || vote;
    meet(block_, place);
    return votes;
  }
  unsigned rounds() const { return block_.round; }

  unsigned exchange(unsigned bits, int from, Place place) {
    Warp& warp = warps_[static_cast<std::size_t>(current_ / kLanes)];
    unsigned(&values)[kLanes] = warp.values[warp.meeting.round % 2];
    values[current_ % kLanes] = bits;
    meet(warp.meeting, place);
    return values[from];
  }

 private:
  struct Thread {
    Fiber fiber;
    const Meeting* waits_at = nullptr;
    unsigned round = 0;  // of the meeting when it began to wait
  };

  void prepare(int threads, const std::function<void()>& thread) {
    while (static_cast<int>(threads_.size()) < threads)
      threads_.push_back(std::make_unique<Thread>());
    block_ = {.members = threads};
    warps_.assign(static_cast<std::size_t>((threads + kLanes - 1) / kLanes), {});
    for (std::size_t w = 0; w < warps_.size(); ++w)
      warps_[w].meeting.members = std::min(kLanes, threads - static_cast<int>(w) * kLanes);
    for (int t = 0; t < threads; ++t) {
      Thread& self = *threads_[static_cast<std::size_t>(t)];
      self.waits_at = nullptr;
      self.fiber.start(thread);
    }
  }

  // Runs one thread until it waits or ends; 1 if it ended.
  int advance(int index) {
    Thread& self = *threads_[static_cast<std::size_t>(index)];
    if (self.fiber.done()) return 0;
    if (self.waits_at && self.waits_at->round == self.round) return 0;
    self.waits_at = nullptr;
    progress_ = true;
    current_ = index;
    cuda::threadIdx.x = static_cast<unsigned>(index);
    self.fiber.resume();
    return self.fiber.done() ? 1 : 0;
  }

  void meet(Meeting& meeting, Place place) {
    if (meeting.arrived == 0) meeting.place = place;
    if (meeting.place != place)
      fail("emulation: a thread meets the others at {}:{} while they wait at {}:{}", place.file,
           place.line, meeting.place.file, meeting.place.line);
    if (++meeting.arrived == meeting.members) {
      meeting.arrived = 0;
      ++meeting.round;
      return;
    }
    Thread& self = *threads_[static_cast<std::size_t>(current_)];
    self.waits_at = &meeting;
    self.round = meeting.round;
    self.fiber.pause();
  }

  std::vector<std::unique_ptr<Thread>> threads_;
  Meeting block_;
  bool votes_[2] = {};
  std::vector<Warp> warps_;
  int current_ = 0;
  bool progress_ = false;
};

thread_local std::unique_ptr<Block> running;

}  // namespace

bool block_barrier(Place place, bool vote) { return running->meet_block(place, vote); }
unsigned exchange_in_warp(unsigned bits, int from, Place place) {
  return running->exchange(bits, from, place);
}
unsigned barriers_passed() { return running->rounds(); }

void run_blocks(unsigned blocks, int threads, const std::function<void()>& thread) {
  if (!running) running = std::make_unique<Block>();
  try {
    for (unsigned b = 0; b < blocks; ++b) {
      cuda::blockIdx.x = b;
      running->run(threads, thread, b % 2 == 1);
    }
  } catch (...) {
    running.reset();  // paused fibers are left behind with it
    throw;
  }
}

}  // namespace trine::emulation
