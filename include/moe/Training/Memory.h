//===- Memory.h - what training needs and what there is ---------*- C++ -*-===//
//
// Too little memory is found out before anything is made, not by the system hours later.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/MemoryPlan.h"
#include "moe/Runtime.h"
#include "moe/Training/Settings.h"

#include <cstdint>
#include <string>

namespace moe {

/// What training this program takes.
MemoryPlan planMemory(const Executable &executable, const TrainSettings &settings);

/// What a process may still take, and what ends there.
struct AvailableMemory {
  int64_t bytes = 0;
  std::string limit; ///< "of this machine", "of this process's control group", "of this process (ulimit -v)"
};

/// The least of what the machine has, what the control group leaves and what the process may map. `root` stands before /proc and /sys.
AvailableMemory availableMemory(const std::string &root = "");

/// Fails when the plan does not fit, and says which uses are the largest and what makes them smaller.
Status requireMemory(const MemoryPlan &plan, const AvailableMemory &available);

/// "12.3 GiB"
std::string formatBytes(int64_t bytes);

} // namespace moe
