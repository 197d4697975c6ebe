//===- Guard.h - no exception leaves the library ---------------*- C++ -*-===//
#pragma once

#include "moe/Runtime.h"

#include <exception>
#include <new>
#include <string>

namespace moe {

/// Runs the body of a public function: what the standard library throws becomes a status.
template <typename Body>
Status guarded(const char *what, Body &&body) {
  try {
    return body();
  } catch (const std::bad_alloc &) {
    return Status::machineFailure(std::string("not enough memory for ") + what);
  } catch (const std::exception &problem) {
    return Status::failure(std::string(what) + ": " + problem.what());
  }
}

} // namespace moe
