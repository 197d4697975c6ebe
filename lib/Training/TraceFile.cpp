//===- TraceFile.cpp - spans of time as a file ------------------*- C++ -*-===//
#include "lib/Training/TraceFile.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

using namespace moe;

std::string moe::jsonMember(const char *name, const std::string &value) {
  // A name of a file need not be UTF-8.
  return "\"" + std::string(name) + "\":" + nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string moe::jsonMember(const char *name, int64_t value) { return "\"" + std::string(name) + "\":" + std::to_string(value); }

Status TraceFile::open(const std::string &path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) // else the last step of all would say so
    return systemFailure(path, EISDIR);
  if (Status status = file.open(path); !status)
    return status;
  return file.write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
}

void TraceFile::nameTrack(int track, const std::string &name) {
  std::string head = "{\"ph\":\"M\",\"pid\":1," + jsonMember("tid", track);
  names += head + ",\"name\":\"thread_name\",\"args\":{" + jsonMember("name", name) + "}},\n" + head + ",\"name\":\"thread_sort_index\",\"args\":{" +
           jsonMember("sort_index", track) + "}},\n";
}

/// Microseconds, exactly.
static std::string toMicroseconds(int64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%03d", static_cast<long long>(nanoseconds / 1000), static_cast<int>(nanoseconds % 1000));
  return text;
}

Status TraceFile::flush() {
  std::stable_sort(pending.begin(), pending.end(),
                   [](const TraceSpan &a, const TraceSpan &b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
  std::string events = std::exchange(names, {});
  for (const TraceSpan &span : pending)
    events += "{\"ph\":\"X\",\"pid\":1," + jsonMember("tid", span.track) + ",\"ts\":" + toMicroseconds(span.begin) +
              ",\"dur\":" + toMicroseconds(span.end - span.begin) + "," + span.content + "},\n";
  pending.clear();
  return events.empty() ? Status::success() : writeEvents(events);
}

/// `events` ends in a comma and a new line: they are written before the next event.
Status TraceFile::writeEvents(const std::string &events) {
  std::string text = (isFirst ? "" : ",\n") + events.substr(0, events.size() - 2);
  isFirst = false;
  return file.write(text);
}

Status TraceFile::close() {
  if (Status status = flush(); !status)
    return status;
  if (Status status = file.write("\n]}\n"); !status)
    return status;
  return file.commit();
}
