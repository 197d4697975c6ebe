//===- EventFile.h - TensorBoard's event files ------------------*- C++ -*-===//
//
// A file is a sequence of records: length (8 bytes, little-endian), masked CRC-32C of the length (4), an Event in protobuf's wire format, masked
// CRC-32C of the event (4). Events are small and flat, of a format that has not changed for years: writing their few fields takes less
// than using a protobuf library would.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "lib/Support/AtomicFile.h"
#include "moe/Training/Trainer.h"

#include <string>
#include <string_view>

namespace moe {

/// CRC-32C (Castagnoli), as records have it.
uint32_t crc32c(std::string_view bytes);

/// The metrics of a run for TensorBoard: scalars under the names of metrics.jsonl, `valid/...`, `final/...`; a probe of several values is a
/// histogram, a load one over the experts. Without a file nothing is written.
class EventFile {
public:
  /// Begins a file in the folder, after those that are there. TensorBoard forgets what these say of `firstStep` and later.
  Status open(const std::string &folder, int64_t firstStep);
  /// Whether a folder holds such files.
  static bool exists(const std::string &folder);

  Status write(const StepMetrics &metrics);
  Status write(int64_t step, const Evaluation &validation, bool isFinal);

private:
  Status writeEvent(int64_t step, std::string_view field);
  Status writeRecord(std::string_view event);

  RecordFile file;
};

} // namespace moe
