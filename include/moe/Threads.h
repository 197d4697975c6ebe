//===- Threads.h - how many threads make sense ------------------*- C++ -*-===//
#pragma once

namespace moe {

/// The most threads that anything here may be asked for: more is a slip of the finger, and their bookkeeping alone would take the memory.
inline constexpr int mostThreads = 1024;

} // namespace moe
