//===- Status.h - success, or what went wrong -------------------*- C++ -*-===//
#pragma once

#include <string>
#include <utility>

namespace moe {

/// Success, or what went wrong in one sentence.
struct [[nodiscard]] Status {
  std::string error;
  bool isMachines = false; ///< the machine failed (disk full, too little memory), whatever it was given
  bool ok() const { return error.empty(); }
  explicit operator bool() const { return ok(); }
  static Status success() { return {}; }
  static Status failure(std::string message) { return {std::move(message)}; }
  static Status machineFailure(std::string message) { return {std::move(message), true}; }
};

} // namespace moe
