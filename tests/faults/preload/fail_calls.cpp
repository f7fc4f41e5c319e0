// A library to preload (LD_PRELOAD): it counts a program's system calls that concern files under
// one folder, and its allocations, and makes one of them fail. The environment steers it:
//
//   FAIL_CALLS_UNDER=FOLDER  absolute; calls about other files pass uncounted
//   FAIL_CALLS_LOG=FILE      a line "KIND PATH" for each counted call in the order of the calls,
//                            with "! " before the one that was made to fail; at the end
//                            "allocations N"
//   FAIL_CALLS=KIND:N:HOW    the N-th call of the kind, from 1. HOW is a number of errno, `short`
//                            (half of the bytes are taken), `kill` (the process is killed in its
//                            stead) or either of `on:ERRNO` (this and all later calls)
//
// A descriptor has the path that it was opened with. Counting begins when main() does, and ends
// with it: before, nothing of the program could answer for a failure.
//
// Nothing here may allocate, and what fails is asked of the kernel directly, so that no call of
// this library is counted.
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" {
// The allocator below the names that this library takes.
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
}

namespace {

constexpr std::size_t kLongestPath = 600;
constexpr int kDescriptors = 256;

enum Kind : int {
  open_,
  copy_,
  read_,
  write_,
  fsync_,
  close_,
  rename_,
  mmap_,
  mkdir_,
  rmdir_,
  unlink_,
  opendir_,
  stat_,
  flock_,
  thread_,
  allocation_,
  kKinds
};
constexpr const char* kNames[kKinds] = {
    "open",  "copy",  "read",   "write",   "fsync", "close", "rename", "mmap",
    "mkdir", "rmdir", "unlink", "opendir", "stat",  "flock", "thread", "allocation"};

enum class How { error, part, kill };

struct Plan {
  int kind = -1;
  std::int64_t nth = 0;
  How how = How::error;
  int error = 0;
  bool lasting = false;
};

char under[kLongestPath], here[kLongestPath];
Plan plan;
int log_file = -1;
std::atomic<bool> counting{false};
std::atomic<std::int64_t> counts[kKinds];
char paths[kDescriptors][kLongestPath];  // of open descriptors; empty where they do not count

// ---- Steering ----

void read_plan(const char* text) {
  const char* colon = std::strchr(text, ':');
  if (!colon) return;
  for (int kind = 0; kind < kKinds; ++kind)
    if (std::strlen(kNames[kind]) == static_cast<std::size_t>(colon - text) &&
        std::strncmp(kNames[kind], text, static_cast<std::size_t>(colon - text)) == 0)
      plan.kind = kind;
  char* how = nullptr;
  plan.nth = std::strtoll(colon + 1, &how, 10);
  if (*how == ':') ++how;
  plan.lasting = std::strncmp(how, "on:", 3) == 0;
  if (plan.lasting) how += 3;
  if (std::strcmp(how, "short") == 0)
    plan.how = How::part;
  else if (std::strcmp(how, "kill") == 0)
    plan.how = How::kill;
  else
    plan.error = std::atoi(how);
}

void begin() {
  if (const char* folder = std::getenv("FAIL_CALLS_UNDER"))
    std::snprintf(under, sizeof(under), "%s/", folder);
  if (const char* file = std::getenv("FAIL_CALLS_LOG"))
    log_file = static_cast<int>(
        syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (const char* text = std::getenv("FAIL_CALLS")) read_plan(text);
  if (syscall(SYS_getcwd, here, sizeof(here)) < 0) here[0] = 0;
  counting = true;
}

void say(const char* mark, const char* what, const char* path) {
  if (log_file < 0) return;
  char line[kLongestPath + 40];
  const int length = std::snprintf(line, sizeof(line), "%s%s %s\n", mark, what, path);
  syscall(SYS_write, log_file, line, length);
}

void end() {
  counting = false;
  char number[24];
  std::snprintf(number, sizeof(number), "%lld", static_cast<long long>(counts[allocation_].load()));
  say("", "allocations", number);
}

// ---- Paths ----

bool is_tracked(int descriptor) {
  return descriptor >= 0 && descriptor < kDescriptors && paths[descriptor][0] != 0;
}

// The whole path where it counts, else "".
struct Path {
  char text[kLongestPath] = "";

  Path(int folder, const char* name) {
    if (!counting || under[0] == 0) return;
    const char* base = folder == AT_FDCWD ? here : is_tracked(folder) ? paths[folder] : "";
    const int length = name[0] == '/' ? std::snprintf(text, sizeof(text), "%s", name)
                                      : std::snprintf(text, sizeof(text), "%s/%s", base, name);
    if (length > 2 && std::strcmp(text + length - 2, "/.") == 0) text[length - 2] = 0;
    const std::size_t prefix = std::strlen(under) - 1;
    const bool inside = length > 0 && length < static_cast<int>(sizeof(text)) &&
                        std::strncmp(text, under, prefix) == 0 &&
                        (text[prefix] == '/' || text[prefix] == 0);
    if (!inside) text[0] = 0;
  }
  explicit Path(const char* name) : Path(AT_FDCWD, name) {}

  bool counts() const { return text[0] != 0; }
};

void remember(int descriptor, const Path& path) {
  if (descriptor < 0 || descriptor >= kDescriptors) return;
  std::memcpy(paths[descriptor], path.text, kLongestPath);
}

void forget(int descriptor) {
  if (descriptor >= 0 && descriptor < kDescriptors) paths[descriptor][0] = 0;
}

// ---- Failing ----

bool is_chosen(Kind kind) {
  if (!counting) return false;
  const std::int64_t count = ++counts[kind];
  return plan.kind == kind && (plan.lasting ? count >= plan.nth : count == plan.nth);
}

// Whether the call is to fail, of which errno then says why.
bool fails(Kind kind, const char* path) {
  if (!is_chosen(kind)) {
    say("", kNames[kind], path);
    return false;
  }
  say("! ", kNames[kind], path);
  if (plan.how == How::kill) syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  errno = plan.error;
  return plan.how == How::error;
}

bool fails(Kind kind, const Path& path) { return path.counts() && fails(kind, path.text); }

bool fails(Kind kind, int descriptor) {
  return is_tracked(descriptor) && fails(kind, paths[descriptor]);
}

// How many of the bytes of a call just counted go through.
std::size_t taken(Kind kind, int descriptor, std::size_t bytes) {
  const bool part = plan.kind == kind && plan.how == How::part && is_tracked(descriptor) &&
                    counts[kind] == plan.nth;
  return part ? (bytes + 1) / 2 : bytes;
}

// Allocations are not written down, only counted.
bool no_memory() {
  if (!is_chosen(allocation_)) return false;
  if (counts[allocation_] == plan.nth) say("! ", "allocation", "");
  errno = ENOMEM;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int open_at(int folder, const char* name, int flags, mode_t mode) {
  const Path path(folder, name);
  if (fails(open_, path)) return -1;
  const int descriptor = static_cast<int>(syscall(SYS_openat, folder, name, flags, mode));
  remember(descriptor, path);
  return descriptor;
}

std::FILE* open_stream(const char* name, const char* mode) {
  const Path path(name);
  if (fails(open_, path)) return nullptr;
  std::FILE* stream = next<std::FILE*(const char*, const char*)>("fopen")(name, mode);
  if (stream) remember(fileno(stream), path);
  return stream;
}

int (*real_main)(int, char**, char**);

int counted_main(int argc, char** argv, char** environment) {
  begin();
  const int status = real_main(argc, argv, environment);
  end();
  return status;
}

}  // namespace

extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*loader_fini)(), void* stack_end) {
  real_main = main;
  return next<decltype(__libc_start_main)>("__libc_start_main")(counted_main, argc, argv, init,
                                                                fini, loader_fini, stack_end);
}

// ---- Files ----

int openat(int folder, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_at(folder, name, flags, mode);
}

int open(const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_at(AT_FDCWD, name, flags, mode);
}

int open64(const char*, int, ...) __attribute__((alias("open")));
int openat64(int, const char*, int, ...) __attribute__((alias("openat")));

// Only a copy of a descriptor is of interest (`copy`): it has the path of the first.
int fcntl(int descriptor, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void* argument = va_arg(rest, void*);
  va_end(rest);
  const bool copies = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
  if (copies && fails(copy_, descriptor)) return -1;
  const int result = static_cast<int>(syscall(SYS_fcntl, descriptor, command, argument));
  if (copies && is_tracked(descriptor) && result >= 0 && result < kDescriptors)
    std::memcpy(paths[result], paths[descriptor], kLongestPath);
  return result;
}
int fcntl64(int, int, ...) __attribute__((alias("fcntl")));

std::FILE* fopen(const char* name, const char* mode) { return open_stream(name, mode); }
std::FILE* fopen64(const char* name, const char* mode) { return open_stream(name, mode); }

int fclose(std::FILE* stream) {
  forget(fileno(stream));
  return next<int(std::FILE*)>("fclose")(stream);
}

ssize_t read(int descriptor, void* bytes, size_t size) {
  if (fails(read_, descriptor)) return -1;
  return syscall(SYS_read, descriptor, bytes, taken(read_, descriptor, size));
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (fails(write_, descriptor)) return -1;
  return syscall(SYS_write, descriptor, bytes, taken(write_, descriptor, size));
}

// What reaches the disk, no test can see: a disk's time is spared.
int fsync(int descriptor) {
  if (fails(fsync_, descriptor)) return -1;
  return is_tracked(descriptor) ? 0 : static_cast<int>(syscall(SYS_fsync, descriptor));
}

// The descriptor is closed in any case, as the system does it.
int close(int descriptor) {
  const bool failing = fails(close_, descriptor);
  const int error = errno;
  forget(descriptor);
  const int result = static_cast<int>(syscall(SYS_close, descriptor));
  if (!failing) return result;
  errno = error;
  return -1;
}

void* mmap(void* address, size_t size, int protection, int flags, int descriptor, off_t offset) {
  if (fails(mmap_, descriptor)) return MAP_FAILED;
  return reinterpret_cast<void*>(
      syscall(SYS_mmap, address, size, protection, flags, descriptor, offset));
}
void* mmap64(void*, size_t, int, int, int, off_t) __attribute__((alias("mmap")));

int flock(int descriptor, int operation) noexcept {
  return fails(flock_, descriptor) ? -1
                                   : static_cast<int>(syscall(SYS_flock, descriptor, operation));
}

int fstat(int descriptor, struct stat* status) noexcept {
  if (fails(stat_, descriptor)) return -1;
  return static_cast<int>(syscall(SYS_newfstatat, descriptor, "", status, AT_EMPTY_PATH));
}
int fstat64(int, struct stat64*) noexcept __attribute__((alias("fstat")));

// ---- Names ----

int stat(const char* name, struct stat* status) noexcept {
  if (fails(stat_, Path(name))) return -1;
  return static_cast<int>(syscall(SYS_newfstatat, AT_FDCWD, name, status, 0));
}
int stat64(const char*, struct stat64*) noexcept __attribute__((alias("stat")));

int lstat(const char* name, struct stat* status) noexcept {
  if (fails(stat_, Path(name))) return -1;
  return static_cast<int>(syscall(SYS_newfstatat, AT_FDCWD, name, status, AT_SYMLINK_NOFOLLOW));
}
int lstat64(const char*, struct stat64*) noexcept __attribute__((alias("lstat")));

int rename(const char* from, const char* to) noexcept {
  if (fails(rename_, Path(to))) return -1;
  return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int mkdir(const char* name, mode_t mode) noexcept {
  return fails(mkdir_, Path(name)) ? -1
                                   : static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, name, mode));
}

int rmdir(const char* name) noexcept {
  if (fails(rmdir_, Path(name))) return -1;
  return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, name, AT_REMOVEDIR));
}

int unlinkat(int folder, const char* name, int flags) noexcept {
  if (fails(flags & AT_REMOVEDIR ? rmdir_ : unlink_, Path(folder, name))) return -1;
  return static_cast<int>(syscall(SYS_unlinkat, folder, name, flags));
}

int unlink(const char* name) noexcept { return unlinkat(AT_FDCWD, name, 0); }

DIR* opendir(const char* name) {
  const Path path(name);
  if (fails(opendir_, path)) return nullptr;
  DIR* folder = next<DIR*(const char*)>("opendir")(name);
  if (folder) remember(dirfd(folder), path);
  return folder;
}

int closedir(DIR* folder) {
  forget(dirfd(folder));
  return next<int(DIR*)>("closedir")(folder);
}

// ---- Threads and memory ----

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  if (counting && fails(thread_, "")) return plan.error;
  return next<decltype(pthread_create)>("pthread_create")(thread, attributes, start, argument);
}

void* malloc(size_t size) noexcept { return no_memory() ? nullptr : __libc_malloc(size); }

void* calloc(size_t count, size_t size) noexcept {
  return no_memory() ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* memory, size_t size) noexcept {
  return no_memory() ? nullptr : __libc_realloc(memory, size);
}

void* memalign(size_t alignment, size_t size) noexcept {
  return no_memory() ? nullptr : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) noexcept { return memalign(alignment, size); }

int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  void* made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *memory = made;
  return 0;
}

}  // extern "C"
