// Folders: made so that they outlast a power cut, and locked by the process that writes them.
#pragma once

#include <filesystem>

#include "engine/io/file_descriptor.h"

namespace trine::io {

// Makes the folder and those above it that are not there, and has each of them kept by the disk
// before it returns: a file that is flushed is still lost with a folder that is not. False where
// the folder was there. Throws Error with the folder and the reason.
bool make_folder(const std::filesystem::path& folder);

// An open folder; its descriptor is not valid where the folder may be written but not listed.
// Throws Error, about `purpose` ("cannot write x"), where it cannot be opened for another reason.
FileDescriptor open_folder(const std::filesystem::path& folder, const std::string& purpose);

// Waits until the entries of the folder, such as a file renamed into it, are on the disk. Without
// effect for a descriptor that is not valid and on file systems that cannot do it. False, with
// errno, where the disk fails.
bool sync_folder(const FileDescriptor& folder);

enum class Lock {
  taken,
  held_by_another,
  not_supported,  // by the file system
};

// Takes the advisory lock of an open file or folder, without waiting. It is the descriptor's: it
// goes when the last of its copies is closed, at the latest with the process, however that ends.
// Throws Error with `name` where the system fails.
Lock try_to_lock(const FileDescriptor& descriptor, const std::filesystem::path& name);

}  // namespace trine::io
