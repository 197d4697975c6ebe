//===- Programs.h - looking into executables --------------------*- C++ -*-===//
#pragma once

#include "moe/Training.h"

namespace moe {

inline const Binding *findBinding(const Program &program, BindingKind kind, std::string_view name) {
  for (const Binding &binding : program.bindings)
    if (binding.kind == kind && binding.name == name)
      return &binding;
  return nullptr;
}

/// Fails when the executable lacks the program.
Status requireProgram(const Executable &executable, const char *name, const Program *&program);

/// Rows and positions of what the program reads: the shape of its `tokens`.
Status requireTokens(const Program &program, int64_t &rows, int64_t &context);

/// Ids of the vocabulary index the model's tables: the two must have been made for each other.
Status checkVocabulary(const Executable &executable, const Vocabulary &vocabulary);

/// Where `input` NAME stands in a store, or a place that nobody reads when the program has no use for it.
int32_t *inputOrScratch(BufferStore &store, std::string_view name, int64_t elements, std::vector<int32_t> &scratch);

} // namespace moe
