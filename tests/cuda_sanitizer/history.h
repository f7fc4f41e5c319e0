// Which accesses to a word of memory a GPU may reorder, and what must be remembered of past ones to
// notice: a word keeps its last write and enough of its reads.
#pragma once

#include <cstdint>

namespace trine::sanitizer {

// Who accessed a word, and when. Accesses of different scopes are ordered: a scope is a stage of a
// program for device memory, and a block for shared memory.
struct Access {
  std::uint32_t scope = 0;  // 0: never
  std::uint32_t block = 0;  // serial number over all launches
  std::uint32_t epoch = 0;  // barriers that the block had passed
  std::uint16_t thread = 0;
};

// Within a scope only a thread's own order and a block's barriers order anything.
inline bool unordered(const Access& x, const Access& y) {
  if (x.scope != y.scope) return false;
  return x.block != y.block || (x.epoch == y.epoch && x.thread != y.thread);
}

class History {
 public:
  // Notes a read; returns the write that it races with, or null. The pointer holds until the next
  // call.
  const Access* read(const Access& by) {
    if (read_.scope != by.scope) {
      read_ = by;
      several_blocks_ = several_threads_ = false;
    } else if (read_.block != by.block) {
      several_blocks_ = true;
    } else if (read_.epoch != by.epoch) {
      read_ = by;
      several_threads_ = false;
    } else if (read_.thread != by.thread) {
      several_threads_ = true;
    }
    return unordered(write_, by) ? &write_ : nullptr;
  }

  // Notes a write; returns the access that it races with, or null.
  const Access* write(const Access& by) {
    const bool read_by_others =
        read_.scope == by.scope &&
        (several_blocks_ || unordered(read_, by) || (several_threads_ && read_.epoch == by.epoch));
    other_ = write_;
    const bool written_by_others = unordered(other_, by);
    write_ = by;
    poisoned_ = false;
    return written_by_others ? &other_ : read_by_others ? &read_ : nullptr;
  }

  // Poisoned words hold no value until they are written.
  void poison() { poisoned_ = true; }
  void set() { poisoned_ = false; }
  bool poisoned() const { return poisoned_; }
  bool written_in(std::uint32_t scope) const { return write_.scope == scope; }

 private:
  Access write_, read_, other_;
  bool several_blocks_ = false, several_threads_ = false;  // read it in read_'s scope, epoch
  bool poisoned_ = false;
};

}  // namespace trine::sanitizer
