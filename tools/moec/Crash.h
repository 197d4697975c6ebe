//===- Crash.h - when moec itself is broken --------------------*- C++ -*-===//
#pragma once

namespace moe::cli {

/// From here on a crash says that it is a bug of moec and ends with exit code 70. Sanitizers keep their own reports.
void catchCrashes();

} // namespace moe::cli
