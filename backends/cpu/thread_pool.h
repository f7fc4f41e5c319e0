// A fixed set of threads that runs batches of independent tasks. Which thread runs a task is left
// to chance; tasks are cut so that this cannot show in the results.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace trine::cpu {

class ThreadPool {
 public:
  // `threads` counts the caller, who works too. Throws Error where the system gives fewer.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls task(index, thread) for each index in [0, count) and returns when all are done. The first
  // exception is thrown again here.
  void run(int count, const std::function<void(int index, int thread)>& task);

 private:
  void stop();
  void work(int thread);
  void drain(int thread);

  std::vector<std::thread> workers_;
  const std::function<void(int, int)>* task_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_{0};
  std::atomic<int> busy_{0};
  std::atomic<unsigned> generation_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::exception_ptr error_;
};

}  // namespace trine::cpu
