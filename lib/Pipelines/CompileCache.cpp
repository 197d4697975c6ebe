//===- CompileCache.cpp - compiled programs on disk -------------------------===//
#include "lib/Pipelines/CompileCache.h"

#include "lib/Pipelines/CacheKey.h"
#include "lib/Std/StandardLibrary.h"

using namespace moe;

CompileCache::CompileCache(const std::string &fileName, const std::string &source, const CompileOptions &options, const CPUTarget &target) {
  if (options.cacheDir.empty())
    return;
  files.emplace(options.cacheDir, options.cacheLimit);
  CacheKey parts("program", target);
  parts.add(static_cast<uint64_t>(target.threads));
  parts.add(static_cast<uint64_t>(target.getTile().rows));
  parts.add(static_cast<uint64_t>(target.getTile().vectors));
  parts.add(fileName); // stands in the locations of launches
  parts.add(source);
  for (const StandardSource &library : standardLibrary())
    parts.add(std::string(library.text));
  parts.add(options.presets);
  parts.add(options.overrides);
  parts.add(static_cast<uint64_t>(options.vocabulary));
  parts.add(static_cast<uint64_t>(options.decodeRows));
  parts.add(options.record);
  parts.add(static_cast<uint64_t>(options.fuse));
  parts.add(options.target);
  key = parts.get();
}

std::optional<ExecutableFile> CompileCache::load() const {
  if (!files)
    return std::nullopt;
  std::optional<std::string> bytes = files->load(key);
  if (!bytes)
    return std::nullopt;
  ExecutableFile file;
  if (deserialize(*bytes, file).ok())
    return file;
  files->remove(key);
  return std::nullopt;
}

void CompileCache::store(const ExecutableFile &file) const {
  if (files)
    files->store(key, serialize(file));
}
