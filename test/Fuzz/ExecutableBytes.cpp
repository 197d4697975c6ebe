//===- ExecutableBytes.cpp - compiled programs as they lie in the cache ----===//
#include "test/Fuzz/Targets.h"

#include "lib/Runtime/ExecutableFile.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

using namespace moe;
using namespace moe::fuzz;

/// The magic word, the version and 4 spare bytes; then the checksum of what follows the prefix.
static constexpr size_t versionAt = 8, versionBytes = 4, checksumAt = 16, prefixBytes = 48;

/// Mutants get the version of today and the checksum that their bytes need, or none would be read further; nor would what was found in an earlier version.
static std::string sign(std::string bytes) {
  if (bytes.size() < prefixBytes)
    return bytes;
  bytes.replace(versionAt, versionBytes, serialize({}), versionAt, versionBytes);
  uint64_t checksum = XXH3_64bits(bytes.data() + prefixBytes, bytes.size() - prefixBytes);
  std::memcpy(bytes.data() + checksumAt, &checksum, sizeof checksum);
  return bytes;
}

/// What is accepted points into its buffers and can be written again.
Outcome fuzz::runExecutable(std::string_view input) {
  ExecutableFile file, again;
  if (!deserialize(sign(std::string(input)), file))
    return {};
  for (const Program &program : file.executable.programs) {
    for (const Binding &binding : program.bindings)
      if (binding.bytes() < 0)
        return {false, "a buffer of negative size"};
    if (program.arenaBytes < 0)
      return {false, "an arena of negative size"};
  }
  if (Status status = deserialize(serialize(file), again); !status)
    return {false, "written, but not read: " + status.error};
  return {true, ""};
}

Seeds fuzz::seedExecutable() {
  ExecutableFile file;
  file.executable.kernels = {{"k0", nullptr}};
  file.executable.types = {{DType::f32, {2, 3}}, {DType::i32, {}}};
  Program &program = file.executable.programs.emplace_back();
  program.name = "train";
  program.bindings = {{BindingKind::param, "w", DType::f32, {2, 3}, {Initializer::Kind::normal, .5}}, {BindingKind::loss, "loss", DType::f32, {}, {}}};
  program.arenaBytes = 128;
  program.routings = {{{BufferRef::Space::arena, 0, 0}, 3}};
  Launch &launch = program.launches.emplace_back();
  launch.blocks = 2;
  launch.args = {{BufferRef::Space::binding, 0, 0}, {BufferRef::Space::constant, 0, 0}, {BufferRef::Space::arena, 0, 64}};
  launch.location = "a.moe:1:2";
  launch.operands = 2;
  launch.info = {{0, -1}, {1, -1}, {0, 0}};
  file.executable.constants = {1, 2, 3, 4};
  file.executable.settings = R"({"batch":2})";
  file.object = "object code";
  return {serialize(file)};
}
