//===- Memory.h - what training needs and what there is ---------*- C++ -*-===//
//
// A plan knows every buffer and every arena before one of them is made: too little memory is found out then, not by the system hours later.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Runtime.h"
#include "moe/Training/Settings.h"

#include <cstdint>
#include <string>

namespace moe {

/// Bytes by use, beside the text and the process.
struct MemoryPlan {
  int64_t parameters = 0, gradients = 0, optimizer = 0;
  int64_t state = 0;    ///< of the model and of its streams, also the validation's
  int64_t snapshot = 0; ///< the copy that a failed step is undone from
  int64_t arena = 0;    ///< activations and temporaries of @train, @update and @eval

  int64_t total() const { return parameters + gradients + optimizer + state + snapshot + arena; }
};

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
