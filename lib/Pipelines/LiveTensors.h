//===- LiveTensors.h - memory by source line -------------------*- C++ -*-===//
#pragma once

#include "lib/Conversion/Plan/Plan.h"
#include "moe/Compiler.h"

namespace moe {

/// The buffers alive at the peak, by the line that made them, most bytes first.
std::vector<ModelInfo::LiveTensors> getLiveAtPeak(const plan::PlannedProgram &planned);

} // namespace moe
