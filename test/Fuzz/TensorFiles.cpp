//===- TensorFiles.cpp - safetensors and the manifest of a checkpoint ------===//
#include "test/Fuzz/Scratch.h"
#include "test/Fuzz/Targets.h"

#include "lib/Training/Checkpoint.h"
#include "moe/Training.h"

#include <limits>

using namespace moe;
using namespace moe::fuzz;

/// A small model: what a checkpoint is read into.
static BufferStore makeStore() {
  Program program;
  program.bindings = {{BindingKind::param, "w", DType::f32, {2, 3}, {}}, {BindingKind::state, "seen", DType::i32, {2}, {}}};
  BufferStore store;
  if (Status status = store.addShared(program); !status)
    std::abort();
  return store;
}

//===-- safetensors ------------------------------------------------------------------===//

/// What is accepted can be read: each tensor whole, and all of them no longer than the file.
Outcome fuzz::runTensors(std::string_view input) {
  std::string path = writeScratch("tensors.safetensors", input);
  TensorFile file;
  for (bool verify : {true, false}) // a checksum that is wrong does not hide the header
    if (Status status = TensorFile::open(path, file, verify); !status && !verify)
      return {false, status.error.starts_with(path) ? "" : "the reason does not name the file: " + status.error};
  int64_t total = 0;
  for (const TensorEntry &entry : file.getTensors()) {
    total += entry.bytes;
    if (entry.bytes < 0 || total > static_cast<int64_t>(input.size()))
      return {false, "tensors larger than the file"};
    std::string bytes(static_cast<size_t>(entry.bytes), '\0');
    if (Status status = file.read(entry, bytes.data()); !status)
      return {false, "accepted, but not readable: " + status.error};
  }
  BufferStore store = makeStore();
  return {readBuffers(path, file, store, {BindingKind::param, BindingKind::state}).ok(), ""};
}

Seeds fuzz::seedTensors() {
  std::string path = scratchFolder() + "/seed.safetensors";
  const float weights[] = {1, -2, .5f, 0, 3, 4};
  const int32_t seen[] = {7, 8};
  Seeds seeds;
  auto add = [&](const std::vector<TensorSource> &tensors) {
    if (Status status = writeTensors(path, tensors, {{"by", "moe-fuzz"}}); !status)
      std::abort();
    seeds.push_back(readScratch("seed.safetensors"));
  };
  add({{"param/w", DType::f32, {2, 3}, weights}, {"state/seen", DType::i32, {2}, seen}});
  add({{"a", DType::i1, {0}, weights}, {"b", DType::f32, {}, weights}});
  add({});
  return seeds;
}

//===-- The manifest -----------------------------------------------------------------===//

/// The input is the manifest of a checkpoint that is whole otherwise: its checksum is right.
Outcome fuzz::runManifest(std::string_view input) {
  std::string path = scratchFolder() + "/step-1.safetensors";
  const float weights[6] = {};
  if (!writeTensors(path, {{"param/w", DType::f32, {2, 3}, weights}}, {{"moec", std::string(input)}}))
    return {}; // no UTF-8: no such metadata can be
  TensorFile file;
  Manifest manifest;
  if (!openCheckpoint(path, file, manifest))
    return {};
  if (manifest.step < 0 || manifest.vocabulary < 0 || manifest.validated < 0 || manifest.worseValidations < 0)
    return {false, "a number of the manifest is negative"};
  TokenStream tokens;
  tokens.ids = std::vector<int32_t>(100, 1);
  BlockStream stream;
  if (!BlockStream::create(tokens, 2, 5, manifest.seed, stream))
    return {false, "the rows are long enough"};
  if (!stream.setPosition(manifest.position))
    return {};
  int32_t ids[2 * 5], targets[2 * 5];
  for (int i = 0; i < 20; ++i)
    stream.next(ids, targets);
  return {true, ""};
}

Seeds fuzz::seedManifest() {
  Manifest manifest;
  Seeds seeds = {deepJson()};
  for (bool begun : {false, true}) {
    if (begun) {
      manifest.step = 12;
      manifest.seed = std::numeric_limits<uint64_t>::max();
      manifest.position = {10, 1};
      manifest.vocabulary = 99;
      manifest.bestLoss = 4.5;
    }
    std::string path = scratchFolder() + "/seed.safetensors";
    TensorFile file;
    if (!writeCheckpoint(path, manifest, {}) || !TensorFile::open(path, file))
      std::abort();
    seeds.push_back(file.getMetadata().at("moec"));
  }
  return seeds;
}
