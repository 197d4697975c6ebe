//===- TraceFile.h - spans of time as a file --------------------*- C++ -*-===//
#pragma once

#include "lib/Support/AtomicFile.h"

#include <cstdint>
#include <string>
#include <vector>

namespace moe {

/// A span on a track. Those of one track nest.
struct TraceSpan {
  int track = 0;
  int64_t begin = 0, end = 0; ///< nanoseconds
  std::string content;        ///< members of the event's object: `"name":"exp","args":{...}`
};

/// A file in the Trace Event format: one object a line, in the order in which spans begin, outer ones before inner ones.
class TraceFile {
public:
  Status open(const std::string &path);
  /// Tracks are shown in the order of their numbers, which count from 1.
  void nameTrack(int track, const std::string &name);
  void add(TraceSpan span) { pending.push_back(std::move(span)); }
  /// Writes what was added. What is added later must not have begun before the end of any of it.
  Status flush();
  Status close();

private:
  Status writeEvents(const std::string &events);

  AtomicFile file;
  std::string names; ///< of tracks, not yet written
  std::vector<TraceSpan> pending;
  bool isFirst = true;
};

/// `"name":"value"`, or with a number.
std::string jsonMember(const char *name, const std::string &value);
std::string jsonMember(const char *name, int64_t value);

} // namespace moe
