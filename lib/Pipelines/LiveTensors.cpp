//===- LiveTensors.cpp - memory by source line ------------------------------===//
#include "lib/Pipelines/LiveTensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <map>

using namespace moe;

std::vector<ModelInfo::LiveTensors> moe::getLiveAtPeak(const plan::PlannedProgram &planned) {
  std::map<std::pair<llvm::StringRef, unsigned>, ModelInfo::LiveTensors> lines;
  for (size_t i : planned.getLargestAtPeak()) {
    auto [file, line] = llvm::StringRef(planned.locations[i]).rsplit(':').first.rsplit(':');
    unsigned number = 0;
    line.getAsInteger(10, number);
    ModelInfo::LiveTensors &tensors = lines[{file, number}];
    tensors.file = file.str();
    tensors.line = number;
    ++tensors.count;
    tensors.bytes += planned.buffers[i].bytes;
  }
  auto groups = llvm::to_vector<0>(llvm::make_second_range(lines));
  llvm::stable_sort(groups, [](const auto &a, const auto &b) { return a.bytes > b.bytes; });
  return {groups.begin(), groups.end()};
}
