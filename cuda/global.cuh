// A pointer to device memory, in records that host and kernels share. In kernels it tells the
// compiler where it points: what comes out of the table could lie in any memory, and accesses that
// must find out are slower and wait for those to shared memory.
#pragma once

#if defined(__CUDACC__)
#define TRINE_SHARED_CODE __device__ __host__ __forceinline__
#else
#define TRINE_SHARED_CODE inline
#endif

namespace trine::cuda {

template <class T>
class Global {
 public:
  Global() = default;
  TRINE_SHARED_CODE Global(T* to) : to_(to) {}

  TRINE_SHARED_CODE operator T*() const {
#if defined(__CUDA_ARCH__)
    __builtin_assume(__isGlobal(to_));
#endif
    return to_;
  }
  // The same words as another type.
  template <class Word>
  TRINE_SHARED_CODE Word* as() const {
    return reinterpret_cast<Word*>(static_cast<T*>(*this));
  }

 private:
  T* to_;
};

}  // namespace trine::cuda
