//===- Memory.cpp - what training needs and what there is -------*- C++ -*-===//
#include "moe/Training/Memory.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sys/resource.h>
#include <unistd.h>

using namespace moe;

MemoryPlan moe::planMemory(const Executable &executable, const TrainSettings &settings) {
  std::vector<const Program *> programs;
  for (const Program &program : executable.programs)
    programs.push_back(&program);
  return planMemory(programs, settings.microBatches, settings.evalEvery > 0);
}

//===-- What there is --------------------------------------------------------------------===//

static std::optional<int64_t> readNumber(const std::string &path) {
  std::ifstream in(path);
  int64_t number;
  return in >> number ? std::optional(number) : std::nullopt;
}

/// The number behind a key in a file of such lines: "MemAvailable:    123 kB", "inactive_file 123".
static std::optional<int64_t> readKey(const std::string &path, const std::string &key) {
  std::ifstream in(path);
  for (std::string word; in >> word;)
    if (int64_t number; word == key && in >> number)
      return number;
  return std::nullopt;
}

/// "0::/a/b": the group of the unified hierarchy; nothing without one.
static std::optional<std::string> readGroup(const std::string &root) {
  std::ifstream in(root + "/proc/self/cgroup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::/"))
      return line.substr(3);
  return std::nullopt;
}

/// The least that a group or one above it leaves. Pages of files that nobody used lately go when memory is asked for.
static std::optional<int64_t> groupAvailable(const std::string &root) {
  std::optional<std::string> group = readGroup(root);
  if (!group)
    return std::nullopt;
  std::optional<int64_t> least;
  for (std::string path = *group;; path.resize(path.rfind('/'))) {
    std::string folder = root + "/sys/fs/cgroup" + path + "/";
    std::optional<int64_t> most = readNumber(folder + "memory.max"), used = readNumber(folder + "memory.current"); // "max" is no number
    if (most && used)
      least = std::min(least.value_or(*most), std::max<int64_t>(0, *most - *used + readKey(folder + "memory.stat", "inactive_file").value_or(0)));
    if (path.find_last_of('/') == std::string::npos)
      return least;
  }
}

/// What `ulimit -v` leaves beside what is mapped already.
static std::optional<int64_t> addressSpaceAvailable(const std::string &root) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::nullopt;
  int64_t mapped = readNumber(root + "/proc/self/statm").value_or(0) * ::sysconf(_SC_PAGESIZE);
  return std::max<int64_t>(0, static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, INT64_MAX)) - mapped);
}

AvailableMemory moe::availableMemory(const std::string &root) {
  AvailableMemory least{std::numeric_limits<int64_t>::max(), ""};
  auto consider = [&](std::optional<int64_t> bytes, const char *limit) {
    if (bytes && *bytes < least.bytes)
      least = {*bytes, limit};
  };
  if (std::optional<int64_t> kilobytes = readKey(root + "/proc/meminfo", "MemAvailable:"))
    consider(*kilobytes * 1024, "of this machine");
  consider(groupAvailable(root), "of this process's control group");
  consider(addressSpaceAvailable(root), "of this process (ulimit -v)");
  return least;
}

//===-- Whether it fits ------------------------------------------------------------------===//

Status moe::requireMemory(const MemoryPlan &plan, const AvailableMemory &available) {
  if (plan.total() <= available.bytes)
    return Status::success();
  std::array uses = {std::pair("activations", plan.arena), std::pair("parameters", plan.parameters),      std::pair("gradients", plan.gradients),
                     std::pair("optimizer", plan.optimizer), std::pair("state", plan.state), std::pair("the copy of the step before", plan.snapshot)};
  std::stable_sort(uses.begin(), uses.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
  std::string largest;
  for (const auto &[name, bytes] : {uses[0], uses[1], uses[2]})
    largest += (largest.empty() ? "" : ", ") + std::string(name) + " " + formatBytes(bytes);
  return Status::machineFailure("training needs " + formatBytes(plan.total()) + " of memory, " + formatBytes(available.bytes) + " " + available.limit +
                                " are available (most of it: " + largest + "); " +
                                (plan.arena * 2 > plan.total() ? "a smaller train.batch or train.context or more train.micro_batches need less"
                                                               : "a smaller model needs less"));
}
