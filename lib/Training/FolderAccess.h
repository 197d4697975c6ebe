//===- FolderAccess.h - folders that may not be looked into -----*- C++ -*-===//
#pragma once

#include "lib/Support/AtomicFile.h"

#include <filesystem>

namespace moe {

/// Fails where a folder is there and what it holds cannot be listed; one that is not there holds nothing.
inline Status requireListing(const std::string &folder) {
  std::error_code error;
  std::filesystem::directory_iterator(folder, error);
  return error && error != std::errc::no_such_file_or_directory ? systemFailure(folder, error.value()) : Status::success();
}

} // namespace moe
