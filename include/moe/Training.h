//===- Training.h - data, training, evaluation, generation -----*- C++ -*-===//
//
// What drives the programs of an executable: text as streams of token ids, the training loop and its run folder,
// checkpoints, perplexity, sampling. Nothing here prints, exits or throws. A status that fails in `loadText`, `parseSettings`,
// `Trainer::create`, `Run::open` or `Model::load` blames what the user gave; one from `Trainer::run`, `evaluate` or `generate`
// blames the run itself (non-finite values, disk). `Status::isMachines` says of any of them that the machine failed: too little memory, a full disk.
//
//   parseSettings(readSettings(...))       what the file says about the data
//   loadText(folder, format)               vocabulary and token ids
//   compile(..., vocabulary.size())        moe/Compiler.h
//   Trainer::create, Trainer::run          writes the run folder
//   Run::open, compile, Model::load        reads it again
//   evaluate, generate
//
//===----------------------------------------------------------------------===//
#pragma once

#include "moe/Training/Activations.h"
#include "moe/Training/Attack.h"
#include "moe/Training/Causality.h"
#include "moe/Training/Corpus.h"
#include "moe/Training/Evaluation.h"
#include "moe/Training/Generation.h"
#include "moe/Training/Memory.h"
#include "moe/Training/MetricsFollower.h"
#include "moe/Training/Profile.h"
#include "moe/Training/Replay.h"
#include "moe/Training/Report.h"
#include "moe/Training/Run.h"
#include "moe/Training/RunLog.h"
#include "moe/Training/Score.h"
#include "moe/Training/Session.h"
#include "moe/Training/Settings.h"
#include "moe/Training/Sweep.h"
#include "moe/Training/Tensors.h"
#include "moe/Training/Text.h"
#include "moe/Training/TextFromIds.h"
#include "moe/Training/TokenIds.h"
#include "moe/Training/Tokenizer.h"
#include "moe/Training/Trainer.h"
#include "moe/Training/Weights.h"
