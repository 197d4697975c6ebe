//===- WeightMaps.cpp - maps of weights and indices of their files ---------===//
#include "test/Fuzz/Scratch.h"
#include "test/Fuzz/Targets.h"

#include "moe/Training.h"

using namespace moe;
using namespace moe::fuzz;

static std::string weightFile() {
  std::string path = scratchFolder() + "/weights.safetensors";
  const float values[12] = {1, 2, 3};
  if (Status status = writeTensors(path,
                                   {{"h.0.w", DType::f32, {3, 2}, values}, {"h.1.w", DType::f32, {3, 2}, values}, {"emb.weight", DType::f32, {4, 3}, values},
                                    {"extra", DType::f32, {1}, values}},
                                   {});
      !status)
    std::abort();
  return path;
}

static BufferStore makeStore() {
  Program program;
  program.bindings = {{BindingKind::param, "layers.w", DType::f32, {2, 2, 3}, {}}, {BindingKind::param, "emb", DType::f32, {4, 3}, {}},
                      {BindingKind::state, "seen", DType::f32, {4}, {}}};
  BufferStore store;
  if (Status status = store.addShared(program); !status)
    std::abort();
  return store;
}

/// A map that parses is applied to a small model in both directions; what is refused is refused with a reason.
Outcome fuzz::runMap(std::string_view input) {
  static const std::string path = weightFile();
  WeightMap map;
  std::string messages;
  if (!WeightMap::parse("a.map", std::string(input), map, messages))
    return {false, messages.empty() ? "refused without a reason" : ""};
  WeightFiles weights;
  if (Status status = WeightFiles::open(path, weights); !status)
    return {false, status.error};
  BufferStore store = makeStore();
  ImportReport report;
  if (Status status = importWeights(weights, map, store, {}, report, messages); !status && status.error.empty() && messages.empty())
    return {true, "refused without a reason"};
  Status ignored = exportWeights(store, map, scratchFolder() + "/exported.safetensors", messages);
  return {true, ""};
}

Seeds fuzz::seedMap() {
  return {"emb <- emb.weight\nlayers.w <- h.{e}.w transpose stack(e)\nfresh seen\nskip extra # not wanted\n",
          "emb <- emb.weight[1/3] squeeze(0)\nlayers.{l}.* <- h.{l}.* transpose\nskip *.a *\n"};
}

/// The input is the index of a model in several files, of which one is there.
Outcome fuzz::runIndex(std::string_view input) {
  static const std::string path = weightFile();
  WeightFiles weights;
  return {WeightFiles::open(writeScratch("model.safetensors.index.json", input), weights).ok(), ""};
}

Seeds fuzz::seedIndex() {
  return {R"({"metadata":{"total_size":144},"weight_map":{"h.0.w":"weights.safetensors","h.1.w":"weights.safetensors","emb.weight":"weights.safetensors","extra":"weights.safetensors"}})",
          R"({"weight_map":)" + deepJson() + "}"};
}
