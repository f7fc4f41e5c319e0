// A run's folder and the one process that may write it.
#pragma once

#include <filesystem>

#include "engine/io/file_descriptor.h"

namespace dmd {

// Holds the folder from its construction to its end, or that of its process. The lock is advisory
// (flock): other claims respect it, nothing else does.
class FolderClaim {
 public:
  // Makes the folder if it is not there, and removes temporary files that a killed process left in
  // it. Throws trine::Error if another process holds it, or it cannot be made or opened.
  explicit FolderClaim(std::filesystem::path folder);

  // A folder that was made here goes again if an exception ends the claim before there is a
  // checkpoint in it.
  ~FolderClaim();
  FolderClaim(const FolderClaim&) = delete;
  FolderClaim& operator=(const FolderClaim&) = delete;

  // False on a file system without locks, such as NFS for folders: nothing then keeps two
  // processes apart.
  bool is_exclusive() const { return exclusive_; }

 private:
  void lock();
  void abandon() const;

  std::filesystem::path folder_;
  trine::io::FileDescriptor descriptor_;
  bool made_ = false, exclusive_ = false;
  int exceptions_before_;
};

}  // namespace dmd
