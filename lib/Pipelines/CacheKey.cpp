//===- CacheKey.cpp - what an entry of the cache depends on -----------------===//
#include "lib/Pipelines/CacheKey.h"

#include "moe/Compiler.h"

#include "llvm/Support/FileSystem.h"

#include <dlfcn.h>
#include <link.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace moe;

struct CacheKey::State {
  XXH3_state_t *hash = XXH3_createState();
};

CacheKey::CacheKey(const std::string &kind, const CPUTarget &target) : state(new State) {
  XXH3_64bits_reset(state->hash);
  add(kind);
  addBuild();
  add(target.cpu);
  add(target.features);
}

CacheKey::~CacheKey() {
  XXH3_freeState(state->hash);
  delete state;
}

void CacheKey::add(const std::string &text) {
  add(text.size());
  XXH3_64bits_update(state->hash, text.data(), text.size());
}

void CacheKey::add(uint64_t number) { XXH3_64bits_update(state->hash, &number, sizeof number); }

void CacheKey::add(const std::vector<std::string> &texts) {
  add(texts.size());
  for (const std::string &text : texts)
    add(text);
}

uint64_t CacheKey::get() const { return XXH3_64bits_digest(state->hash); }

/// The file that this code was loaded from: the program, or libmoe in a host.
static std::string getOwnFile() {
  Dl_info info;
  void *map = nullptr;
  if (dladdr1(reinterpret_cast<void *>(&getOwnFile), &info, &map, RTLD_DL_LINKMAP) && map)
    if (std::string name = static_cast<link_map *>(map)->l_name; !name.empty())
      return name;
  return llvm::sys::fs::getMainExecutable(nullptr, reinterpret_cast<void *>(&getOwnFile));
}

/// What tells this build from others: the bytes of its code are too many to read, but their size and time change with every link.
void CacheKey::addBuild() {
  for (const auto &[name, version] : getVersions()) {
    add(name);
    add(version);
  }
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(getOwnFile(), status))
    return;
  add(status.getSize());
  add(static_cast<uint64_t>(status.getLastModificationTime().time_since_epoch().count()));
}
