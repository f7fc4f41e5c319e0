#include "dmd/train/folder_claim.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <sys/stat.h>

#include "dmd/train/trainer.h"
#include "engine/error.h"
#include "engine/io/folder.h"
#include "engine/io/temporary_file.h"

namespace dmd {
namespace {

namespace fs = std::filesystem;
namespace io = trine::io;

// Another process may have removed the folder, and made it anew, between opening and locking.
bool is_still_at(const fs::path& path, const io::FileDescriptor& folder) {
  struct stat opened {
  }, there{};
  return ::fstat(folder.get(), &opened) == 0 && ::stat(path.c_str(), &there) == 0 &&
         opened.st_dev == there.st_dev && opened.st_ino == there.st_ino;
}

bool holds_checkpoint(const fs::path& folder) {
  return std::ranges::any_of(fs::recursive_directory_iterator(folder), [](const auto& entry) {
    return entry.path().filename() == RunFolder{}.last();
  });
}

}  // namespace

FolderClaim::FolderClaim(fs::path folder)
    : folder_(std::move(folder)), exceptions_before_(std::uncaught_exceptions()) {
  do {
    made_ = io::make_folder(folder_) || made_;
    lock();  // an empty folder stays where it fails: another process may have begun to use it
  } while (exclusive_ && !is_still_at(folder_, descriptor_));
  io::remove_abandoned(folder_);
}

void FolderClaim::lock() {
  descriptor_ = io::open_folder(folder_, fmt::format("cannot use {}", folder_.string()));
  if (!descriptor_.valid()) return;
  const io::Lock lock = io::try_to_lock(descriptor_, folder_);
  if (lock == io::Lock::held_by_another)
    trine::fail("another process is training in {}: wait until it ends, or choose another folder",
                folder_.string());
  exclusive_ = lock == io::Lock::taken;
}

FolderClaim::~FolderClaim() {
  if (!made_ || std::uncaught_exceptions() <= exceptions_before_) return;
  try {
    abandon();
  } catch (...) {
    // What cannot be listed stays, for the next run to replace. The failure that ends this one is
    // on its way already.
  }
}

void FolderClaim::abandon() const {
  if (!holds_checkpoint(folder_)) fs::remove_all(folder_);
}

}  // namespace dmd
