//===- CompileCache.cpp - compiled programs on disk -------------------------===//
#include "lib/Pipelines/CompileCache.h"

#include "lib/Std/StandardLibrary.h"
#include "llvm/Support/FileSystem.h"

#include <dlfcn.h>
#include <link.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace moe;

namespace {

/// Feeds strings with their lengths, so that no two sequences look alike.
class Hasher {
public:
  Hasher() : state(XXH3_createState()) { XXH3_64bits_reset(state); }
  ~Hasher() { XXH3_freeState(state); }
  Hasher(const Hasher &) = delete;
  Hasher &operator=(const Hasher &) = delete;

  void add(const std::string &text) {
    add(text.size());
    XXH3_64bits_update(state, text.data(), text.size());
  }
  void add(uint64_t number) { XXH3_64bits_update(state, &number, sizeof number); }
  void add(const std::vector<std::string> &texts) {
    add(texts.size());
    for (const std::string &text : texts)
      add(text);
  }
  uint64_t get() const { return XXH3_64bits_digest(state); }

private:
  XXH3_state_t *state;
};

/// The file that this code was loaded from: the program, or libmoe in a host.
std::string getOwnFile() {
  Dl_info info;
  void *map = nullptr;
  if (dladdr1(reinterpret_cast<void *>(&getOwnFile), &info, &map, RTLD_DL_LINKMAP) && map)
    if (std::string name = static_cast<link_map *>(map)->l_name; !name.empty())
      return name;
  return llvm::sys::fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&getOwnFile));
}

/// What tells this build from others: the bytes of its code are too many to read, but their size and time change with every link.
void addBuild(Hasher &hasher) {
  for (const auto &[name, version] : getVersions()) {
    hasher.add(name);
    hasher.add(version);
  }
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(getOwnFile(), status))
    return;
  hasher.add(status.getSize());
  hasher.add(static_cast<uint64_t>(status.getLastModificationTime().time_since_epoch().count()));
}

} // namespace

CompileCache::CompileCache(const std::string &fileName, const std::string &source, const CompileOptions &options, const CPUTarget &target) {
  if (options.cacheDir.empty())
    return;
  files.emplace(options.cacheDir, options.cacheLimit);
  Hasher hasher;
  addBuild(hasher);
  hasher.add(target.cpu);
  hasher.add(target.features);
  hasher.add(static_cast<uint64_t>(target.threads));
  hasher.add(fileName); // stands in the locations of launches
  hasher.add(source);
  for (const StandardSource &library : standardLibrary())
    hasher.add(std::string(library.text));
  hasher.add(options.presets);
  hasher.add(options.overrides);
  hasher.add(static_cast<uint64_t>(options.vocabulary));
  hasher.add(static_cast<uint64_t>(options.decodeRows));
  hasher.add(options.record);
  hasher.add(static_cast<uint64_t>(options.fuse));
  hasher.add(options.target);
  key = hasher.get();
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
