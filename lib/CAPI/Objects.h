//===- Objects.h - what stands behind the handles ---------------*- C++ -*-===//
#pragma once

#include "lib/CAPI/Handle.h"
#include "moe/Compiler.h"
#include "moe/Training.h"

#include <atomic>
#include <map>
#include <string>
#include <vector>

namespace moe::capi {

struct DiagnosticsObject : Object {
  using Handle = moe_diagnostics;
  static constexpr ObjectKind kind = ObjectKind::diagnostics;
  Diagnostics diagnostics;
};

/// A compiled program and what it was compiled from.
struct ModelObject : Object {
  using Handle = moe_model;
  static constexpr ObjectKind kind = ObjectKind::model;
  std::string fileName, source;
  CompileOptions options;
  std::unique_ptr<CompiledModel> compiled;
  TrainSettings settings;

  const Executable &executable() const { return compiled->executable(); }
};

struct TextObject : Object {
  using Handle = moe_text;
  static constexpr ObjectKind kind = ObjectKind::text;
  std::shared_ptr<const TextData> data;
};

struct SessionObject : Object {
  using Handle = moe_session;
  static constexpr ObjectKind kind = ObjectKind::session;
  static constexpr const char *name = "session";
  std::shared_ptr<ModelObject> model; ///< before `session`, which uses its code
  std::unique_ptr<Session> session;
};

struct TrainerObject : Object {
  using Handle = moe_trainer;
  static constexpr ObjectKind kind = ObjectKind::trainer;
  static constexpr const char *name = "trainer";
  std::shared_ptr<ModelObject> model;
  std::shared_ptr<const TextData> text;
  std::atomic<bool> stop = false; ///< before `trainer`, which looks at it
  std::unique_ptr<ThreadPool> pool; ///< of evaluation and generation
  std::unique_ptr<Trainer> trainer;
  TrainResult result;
  bool isFinished = false;
  /// What the last step said, by kind and name.
  std::map<std::pair<moe_kind, std::string>, std::vector<double>> values;
};

struct RunObject : Object {
  using Handle = moe_run;
  static constexpr ObjectKind kind = ObjectKind::run;
  Run run;
  std::shared_ptr<ModelObject> model;
  Model weights;
  std::unique_ptr<ThreadPool> pool;
};

/// Compiles. Throws with the diagnostics' text; `diagnostics` gets them either way.
std::shared_ptr<ModelObject> compileModel(const std::string &fileName, const std::string &source, const CompileOptions &options,
                                          Diagnostics &diagnostics);

/// Compiles the program of a run again.
std::shared_ptr<ModelObject> compileRun(const Run &run, const char *cacheDir);

/// The name of an enumerator of moe_program. Throws MOE_USAGE for others.
const char *nameOf(moe_program program);
BindingKind toKind(moe_kind kind);
Split toSplit(moe_split split);

/// Describes a buffer, or gives it as DLPack with a share in `owner`.
moe_tensor describe(const Buffer &buffer);
DLManagedTensor *exportTensor(const Buffer &buffer, std::shared_ptr<void> owner);

/// Results of the two kinds of objects that have weights and a vocabulary.
moe_evaluation describe(const Evaluation &evaluation);
moe_evaluation evaluateText(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                            const TokenStream &text, Split split, int64_t maxBlocks, const std::atomic<bool> *stop);
void generateText(const Executable &executable, BufferStore &parameters, ThreadPool &pool, const Vocabulary &vocabulary,
                  const moe_generate_options *given, const std::atomic<bool> *stop, char **text, int32_t **ids, size_t *count);

} // namespace moe::capi
