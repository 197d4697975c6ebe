//===- Checkpoint.h - the state of training in one file ---------*- C++ -*-===//
//
// A safetensors file with tensors `param/NAME`, `opt/NAME`, `state/NAME`, `stream/NAME`, `valid/NAME` (the streams of validation while
// training), and a manifest as JSON in its metadata, so that tensors and manifest can only appear together.
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training.h"

#include <initializer_list>
#include <limits>

namespace moe {

/// What training must know beside its buffers to go on.
struct Manifest {
  int64_t step = 0; ///< steps done; with the micro-batches of a step the counter of random numbers
  uint64_t seed = 0;
  StreamPosition position, validPosition; ///< in the texts of training and of validation while training
  int64_t vocabulary = 0;
  double bestLoss = std::numeric_limits<double>::infinity(); ///< of the validations so far
  int64_t worseValidations = 0;                              ///< since the best one
  int64_t validated = 0;                                     ///< step of the last validation
};

/// What of a run's buffers is kept.
struct SavedBuffers {
  std::vector<const Buffer *> training, validation;
};
Status writeCheckpoint(const std::string &path, const Manifest &manifest, const SavedBuffers &buffers);
/// How long such a file is, but for the digits of its manifest.
int64_t checkpointBytes(const Manifest &manifest, const SavedBuffers &buffers);
/// Opens a checkpoint whose checksum is right.
Status openCheckpoint(const std::string &path, TensorFile &file, Manifest &manifest);

/// Fills every buffer of these kinds in the store; each must be in the file with its type and shape.
Status readBuffers(const std::string &path, const TensorFile &file, BufferStore &store, std::initializer_list<BindingKind> kinds);
/// The same for the streams of validation.
Status readValidation(const std::string &path, const TensorFile &file, BufferStore &store);

} // namespace moe
