/*===- moe.h - the C interface of moec ----------------------------------------===
 *
 * Compiles .moe programs and trains them inside a host. docs/embedding.md shows how; this page is the contract.
 *
 * STATUS     Every function that can fail returns a moe_status. It says who is to blame, with the numbers that moec exits with. The sentence that
 *            belongs to it is moe_last_error(). On failure what a function gives through pointers is NULL or zero. No C++ exception, signal or
 *            abort crosses this interface, and the library prints nothing, installs no signal handler and never exits.
 * HANDLES    are names, not addresses: nothing is behind the pointer. NULL, a handle of another type and one that was destroyed are refused with
 *            MOE_USAGE. Destroying NULL does nothing. What a handle needs it keeps: a model may be destroyed before its sessions.
 * MEMORY     `const char *` and `const double *` that a function gives belong to the handle they came from and live until it is destroyed (or until
 *            the call that is named there). `char *` and `int32_t *` belong to the caller and go to moe_free. Texts are UTF-8.
 * THREADS    Any thread may call anything. moe_model, moe_text, moe_diagnostics and moe_run do not change, and any number of threads may use one at
 *            the same time. A moe_session or moe_trainer does one thing at a time: a call while another one is under way on the same handle, also
 *            from a callback, is refused with MOE_USAGE; moe_trainer_stop alone may be called at any time. Sessions over one model run side by side. While a call runs on a session
 *            or trainer its tensors are being written. Compiling needs the stack of an ordinary thread (8 MiB). After fork() the child must not use the library.
 * VERSIONS   Structures that may grow begin with their size: start from the macro MOE_..._INIT beside each. A library with the same
 *            moe_abi_version() as MOE_ABI_VERSION runs hosts that were built with an older header of that version.
 *
 *===------------------------------------------------------------------------===*/
#ifndef MOE_C_MOE_H
#define MOE_C_MOE_H

#include <stddef.h>
#include <stdint.h>

#define MOE_ABI_VERSION 1

#if defined(__GNUC__)
#define MOE_API __attribute__((visibility("default")))
#else
#define MOE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*===-- Status ------------------------------------------------------------------===*/

typedef int32_t moe_status;
enum {
  MOE_OK = 0,
  MOE_INPUT = 1, /* what was given is wrong, missing or unreadable: a program, a file, token ids */
  MOE_USAGE = 2, /* the interface is used wrongly: NULL, a wrong handle, an order of calls that makes no sense */
  MOE_RUN = 3,   /* failed at run time: memory, disk, numbers that are not finite */
  MOE_BUG = 70   /* a bug of the library */
};

/* What the last call that failed on this thread said; "" before one. Lives until the next one. Never NULL. */
MOE_API const char *moe_last_error(void);
/* MOE_ABI_VERSION of the library. */
MOE_API uint32_t moe_abi_version(void);
/* The version of moec. */
MOE_API const char *moe_version(void);
/* Frees what belongs to the caller; NULL is fine. */
MOE_API void moe_free(void *memory);

/*===-- Handles -----------------------------------------------------------------===*/

typedef struct moe_model moe_model;             /* a compiled program */
typedef struct moe_diagnostics moe_diagnostics; /* what the compiler said */
typedef struct moe_session moe_session;         /* a model with buffers of its own, driven by the host */
typedef struct moe_text moe_text;               /* token ids and their vocabulary */
typedef struct moe_trainer moe_trainer;         /* training over a text: validations, metrics, checkpoints */
typedef struct moe_run moe_run;                 /* a run folder: a trained model with its vocabulary */

/* After these no other call may use the handle. Tensors that were given out as DLPack live on; those of a trainer keep its run folder locked. */
MOE_API void moe_model_destroy(moe_model *model);
MOE_API void moe_diagnostics_destroy(moe_diagnostics *diagnostics);
MOE_API void moe_session_destroy(moe_session *session);
MOE_API void moe_text_destroy(moe_text *text);
MOE_API void moe_trainer_destroy(moe_trainer *trainer);
MOE_API void moe_run_destroy(moe_run *run);

/*===-- Compiling -----------------------------------------------------------------===*/

typedef struct moe_compile_options {
  size_t struct_size;
  const char *const *overrides; /* `path=value`, applied in order */
  size_t override_count;
  const char *const *presets; /* names of the file's presets, applied before the overrides */
  size_t preset_count;
  int64_t vocabulary;    /* size of the data's vocabulary; programs that read token ids need it */
  int64_t decode_rows;   /* batch rows of @decode; 0: one */
  const char *cache_dir; /* where compiled programs are kept; NULL: nowhere */
} moe_compile_options;
#define MOE_COMPILE_OPTIONS_INIT {sizeof(moe_compile_options), NULL, 0, NULL, 0, 0, 0, NULL}

/* Compiles `source`; `file_name` stands in messages. `options` and `diagnostics` may be NULL. `*diagnostics` is given whenever the compiler ran, also
 * after a failure and for warnings alone. MOE_INPUT: the program is wrong; moe_last_error() has all messages with source lines and carets. */
MOE_API moe_status moe_compile(const char *file_name, const char *source, const moe_compile_options *options, moe_model **model,
                               moe_diagnostics **diagnostics);
MOE_API moe_status moe_compile_file(const char *path, const moe_compile_options *options, moe_model **model, moe_diagnostics **diagnostics);
/* The settings of the `train` block as JSON without compiling: what must be known of the data before the vocabulary is. */
MOE_API moe_status moe_read_settings(const char *file_name, const char *source, const moe_compile_options *options, char **json,
                                     moe_diagnostics **diagnostics);

typedef int32_t moe_severity;
enum { MOE_ERROR = 0, MOE_WARNING = 1, MOE_NOTE = 2 };

typedef struct moe_message {
  size_t struct_size;
  moe_severity severity;
  uint32_t line, column; /* from 1; line 0: of no place */
  uint32_t note_count;
  const char *file; /* "" where there is none, as in text and suggestion */
  const char *text;
  const char *suggestion;
} moe_message;
#define MOE_MESSAGE_INIT {sizeof(moe_message), 0, 0, 0, 0, NULL, NULL, NULL}

MOE_API moe_status moe_diagnostics_count(moe_diagnostics *diagnostics, size_t *count);
MOE_API moe_status moe_diagnostics_message(moe_diagnostics *diagnostics, size_t index, moe_message *message);
MOE_API moe_status moe_diagnostics_note(moe_diagnostics *diagnostics, size_t index, size_t note, moe_message *message);
/* All messages, rendered with source lines and carets. */
MOE_API moe_status moe_diagnostics_text(moe_diagnostics *diagnostics, const char **text);

/*===-- What a model is -------------------------------------------------------------===*/

typedef int32_t moe_program;
enum {
  MOE_TRAIN = 0,  /* loss and gradients of a micro-batch */
  MOE_UPDATE = 1, /* clipping, optimiser, `after step` */
  MOE_EVAL = 2,   /* loss without dropout; model state is only read */
  MOE_DECODE = 3  /* logits */
};

typedef int32_t moe_kind;
enum {
  MOE_PARAM = 0,     /* trained */
  MOE_STATE = 1,     /* model state: saved, written by training */
  MOE_STREAM = 2,    /* one row per batch row; reset when the text starts anew */
  MOE_TALLY = 3,     /* accumulates over the micro-batches of a step */
  MOE_OPT = 4,       /* optimiser state */
  MOE_GRAD = 5,      /* gradient of the parameter of the same name */
  MOE_INPUT_IDS = 6, /* `tokens`, `targets`: i32 [batch, context] */
  MOE_KEY = 7,       /* of the random numbers: the session's */
  MOE_STEP = 8,      /* number of the step: the session's */
  MOE_OBJECTIVE = 9, /* `objective`, f32: loss and auxiliary losses */
  MOE_LOSS = 10,     /* `loss`, f32: mean negative log-likelihood of a micro-batch, in nats */
  MOE_AUX = 11,      /* f32: a named auxiliary loss */
  MOE_PROBE = 12,    /* a recorded value */
  MOE_LOGITS = 13,   /* `logits`, f32 [rows, context, vocabulary] */
  MOE_METRIC = 14,   /* f32: a number of the update, as learning rate and norm of the gradient */
  MOE_CHECK = 15     /* i32: 0 after every run */
};

typedef int32_t moe_dtype;
enum { MOE_F32 = 0, MOE_I32 = 1, MOE_BOOL = 2 /* one byte an element */ };

typedef struct moe_binding {
  size_t struct_size;
  moe_kind kind;
  moe_dtype dtype;
  const char *name;
  const int64_t *shape; /* row-major, without padding */
  size_t rank;
  int64_t bytes;
} moe_binding;
#define MOE_BINDING_INIT {sizeof(moe_binding), 0, 0, NULL, NULL, 0, 0}

/* The settings of the `train` block and what the program was compiled for, as JSON. */
MOE_API moe_status moe_model_settings(moe_model *model, const char **json);
MOE_API moe_status moe_model_vocabulary(moe_model *model, int64_t *vocabulary);
/* The buffers that a program reads or writes by name. Streams and inputs of MOE_TRAIN have the rows of one micro-batch here. */
MOE_API moe_status moe_model_binding_count(moe_model *model, moe_program program, size_t *count);
MOE_API moe_status moe_model_binding(moe_model *model, moe_program program, size_t index, moe_binding *binding);

/*===-- Tensors ---------------------------------------------------------------------===*/

/* A tensor where it lies; the library writes there when it runs. `data` is aligned to 64 bytes. */
typedef struct moe_tensor {
  size_t struct_size;
  void *data;
  moe_kind kind;
  moe_dtype dtype;
  const char *name;
  const int64_t *shape;
  size_t rank;
  int64_t bytes;
} moe_tensor;
#define MOE_TENSOR_INIT {sizeof(moe_tensor), NULL, 0, 0, NULL, NULL, 0, 0}

/* DLPack 0.x, as every array library takes it; moe-c/dlpack.h has the structure for hosts without a dlpack.h of their own. */
struct DLManagedTensor;

/*===-- Sessions ----------------------------------------------------------------------===*/

typedef struct moe_session_options {
  size_t struct_size;
  int64_t seed;    /* of parameters and dropout; -1: the file's */
  int32_t threads; /* 0: as many as the process may use; -1: the file's; at most 1024 */
} moe_session_options;
#define MOE_SESSION_OPTIONS_INIT {sizeof(moe_session_options), -1, -1}

/* With the buffers of all programs; parameters start as those of `moec train` with the same seed. `options` may be NULL. */
MOE_API moe_status moe_session_create(moe_model *model, const moe_session_options *options, moe_session **session);

/* The tensor that `program` knows by kind and name. Parameters, states, optimiser states, gradients and tallies are the same ones in all programs; inputs, streams
 * and results are each program's own. Streams and inputs of MOE_TRAIN have all batch rows. The address stays the same while the session lives. */
MOE_API moe_status moe_session_tensor(moe_session *session, moe_program program, moe_kind kind, const char *name, moe_tensor *tensor);
/* The same as DLPack: no copy, and it keeps the memory when the session is destroyed. The caller calls its `deleter`. */
MOE_API moe_status moe_session_dlpack(moe_session *session, moe_program program, moe_kind kind, const char *name, struct DLManagedTensor **tensor);
/* Copies `count` token ids and as many targets (NULL where the program has none) to the inputs of a program. `count` is the number of elements of its input. An id
 * outside the vocabulary is MOE_INPUT, and nothing is copied. Hosts that write to the inputs themselves do not need this. */
MOE_API moe_status moe_session_feed(moe_session *session, moe_program program, const int32_t *tokens, const int32_t *targets, size_t count);

/* One step on the inputs of MOE_TRAIN: every micro-batch, then the update. `loss` may be NULL; it is the mean over the micro-batches. MOE_INPUT: an id is outside the
 * vocabulary, and nothing was run. MOE_RUN: something is not finite, or a check of the program does not hold; the step leaves nothing behind. */
MOE_API moe_status moe_session_step(moe_session *session, double *loss);
/* The parts of a step, for hosts that look between them: `micro_batches` (of the settings) calls, then the update. Nothing undoes them. */
MOE_API moe_status moe_session_micro_batch(moe_session *session, double *loss);
MOE_API moe_status moe_session_update(moe_session *session);
/* Runs MOE_EVAL or MOE_DECODE on its inputs. The results are tensors. */
MOE_API moe_status moe_session_run(moe_session *session, moe_program program);
/* For a text that starts anew: the streams of a program get their first value. */
MOE_API moe_status moe_session_reset_streams(moe_session *session, moe_program program);
/* Steps done. */
MOE_API moe_status moe_session_position(moe_session *session, int64_t *step);
/* Checkpoints (safetensors) as those of runs. A file that does not fit or is damaged is MOE_INPUT, and the session stays as it was. */
MOE_API moe_status moe_session_save(moe_session *session, const char *path);
MOE_API moe_status moe_session_load(moe_session *session, const char *path);

/*===-- Texts -------------------------------------------------------------------------===*/

typedef int32_t moe_split;
enum { MOE_SPLIT_TRAIN = 0, MOE_SPLIT_VALID = 1, MOE_SPLIT_TEST = 2 };

/* Reads a data folder as `settings` want it: those of moe_read_settings or moe_model_settings. `cache_dir` is where the ids of large texts are kept; NULL: nowhere. */
MOE_API moe_status moe_text_load(const char *folder, const char *settings, const char *cache_dir, moe_text **text);

typedef struct moe_ids {
  size_t struct_size;
  int64_t vocabulary; /* ids are 0 ... vocabulary - 1 */
  const int32_t *train;
  size_t train_count;
  const int32_t *valid;
  size_t valid_count;
  const int32_t *test; /* may be NULL */
  size_t test_count;
} moe_ids;
#define MOE_IDS_INIT {sizeof(moe_ids), 0, NULL, 0, NULL, 0, NULL, 0}

/* A text of numbers that the host has made. The ids are copied; one outside the vocabulary is MOE_INPUT. Such a text has no words: prompts and generated
 * texts are ids in decimal, separated by blanks. */
MOE_API moe_status moe_text_from_ids(const moe_ids *ids, moe_text **text);
MOE_API moe_status moe_text_vocabulary(moe_text *text, int64_t *vocabulary);
MOE_API moe_status moe_text_count(moe_text *text, moe_split split, int64_t *count);
/* Copies ids [from, from + count). */
MOE_API moe_status moe_text_copy(moe_text *text, moe_split split, int64_t from, size_t count, int32_t *ids);
/* Text to ids and back as the vocabulary says; both results go to moe_free. */
MOE_API moe_status moe_text_encode(moe_text *text, const char *words, int32_t **ids, size_t *count);
MOE_API moe_status moe_text_decode(moe_text *text, const int32_t *ids, size_t count, char **words);

/*===-- Training ----------------------------------------------------------------------===*/

typedef struct moe_trainer_options {
  size_t struct_size;
  const char *out;  /* run folder: must not exist or be empty; NULL: nothing is written */
  const char *data; /* what run.json says of where the text came from; NULL: nothing */
  int64_t steps;    /* -1: the file's */
  int64_t seed;     /* -1: the file's */
  int32_t threads;  /* 0: as many as the process may use; -1: the file's */
} moe_trainer_options;
#define MOE_TRAINER_OPTIONS_INIT {sizeof(moe_trainer_options), NULL, NULL, -1, -1, -1}

typedef struct moe_step {
  size_t struct_size;
  int64_t step; /* from 1 */
  double loss, perplexity;
  double seconds, tokens_per_second;
} moe_step;
#define MOE_STEP_INIT {sizeof(moe_step), 0, 0, 0, 0, 0}

typedef struct moe_evaluation {
  size_t struct_size;
  double loss, perplexity; /* loss: in nats, mean over the blocks of each block's mean */
  double unigram_perplexity;
  double unknown_share; /* of the targets */
  int64_t tokens, blocks;
  double seconds;
  double bits_per_byte; /* of the files that the targets were read from (docs/evaluation.md); 0: ids, which have no bytes */
} moe_evaluation;
#define MOE_EVALUATION_INIT {sizeof(moe_evaluation), 0, 0, 0, 0, 0, 0, 0, 0}

/* A trainer over a text; the model must be compiled for its vocabulary. `options` may be NULL. */
MOE_API moe_status moe_trainer_create(moe_model *model, moe_text *text, const moe_trainer_options *options, moe_trainer **trainer);
/* Goes on with a run from its newest whole checkpoint, bit for bit. The text is read again from the run's data folder, or from `options->data`. Of the
 * options count data, steps (the total) and threads. `cache_dir` as in moe_compile_options. */
MOE_API moe_status moe_trainer_resume(const char *folder, const moe_trainer_options *options, const char *cache_dir, moe_trainer **trainer);

/* One step, with the validation, the line of metrics and the checkpoint that are due after it. `step->step` is 0 when there was none left to do. MOE_RUN: the step leaves
 * nothing behind; a trainer with a folder has written a checkpoint. */
MOE_API moe_status moe_trainer_step(moe_trainer *trainer, moe_step *step);
/* After the last step: writes the last checkpoint and evaluates the whole validation text. `validation` may be NULL; its `blocks` is 0 when the trainer was stopped. */
MOE_API moe_status moe_trainer_finish(moe_trainer *trainer, moe_evaluation *validation);
/* Both in one call. `on_step` (may be NULL) hears of each step; what is not 0 stops training, as moe_trainer_stop does. */
typedef int (*moe_on_step)(void *user, const moe_step *step);
MOE_API moe_status moe_trainer_run(moe_trainer *trainer, moe_on_step on_step, void *user, moe_evaluation *validation);
/* Makes steps and evaluations under way, and all later ones, end early; of any thread, at any time. */
MOE_API moe_status moe_trainer_stop(moe_trainer *trainer);
/* Steps done and steps to do. */
MOE_API moe_status moe_trainer_position(moe_trainer *trainer, int64_t *step, int64_t *steps);
/* What the last step reported under MOE_METRIC, MOE_AUX or MOE_PROBE, means over its micro-batches. Lives until the next step. */
MOE_API moe_status moe_trainer_values(moe_trainer *trainer, moe_kind kind, const char *name, const double **values, size_t *count);
/* MOE_PARAM, MOE_STATE, MOE_OPT, MOE_GRAD or MOE_TALLY, as for sessions. */
MOE_API moe_status moe_trainer_tensor(moe_trainer *trainer, moe_kind kind, const char *name, moe_tensor *tensor);
MOE_API moe_status moe_trainer_dlpack(moe_trainer *trainer, moe_kind kind, const char *name, struct DLManagedTensor **tensor);
/* A checkpoint at any path, and back to it. */
MOE_API moe_status moe_trainer_save(moe_trainer *trainer, const char *path);
MOE_API moe_status moe_trainer_restore(moe_trainer *trainer, const char *path);

typedef struct moe_generate_options {
  size_t struct_size;
  const char *prompt; /* NULL: the beginning of a line */
  int64_t tokens;
  double temperature; /* 0: the likeliest token */
  uint64_t seed;
} moe_generate_options;
#define MOE_GENERATE_OPTIONS_INIT {sizeof(moe_generate_options), NULL, 100, 1, 0}

/* Perplexity of a split; `max_blocks` 0: of all of it. */
MOE_API moe_status moe_trainer_evaluate(moe_trainer *trainer, moe_split split, int64_t max_blocks, moe_evaluation *evaluation);
/* What follows the prompt. `text`, or `ids` and `count`, may be NULL; both go to moe_free. */
MOE_API moe_status moe_trainer_generate(moe_trainer *trainer, const moe_generate_options *options, char **text, int32_t **ids, size_t *count);

/*===-- Runs --------------------------------------------------------------------------===*/

/* Compiles the program of a run folder again and reads its newest whole checkpoint. `cache_dir` may be NULL; `threads` 0: as many as the process may use. */
MOE_API moe_status moe_run_open(const char *folder, const char *cache_dir, int32_t threads, moe_run **run);
/* As for trainers; the text is a split of a data folder. */
MOE_API moe_status moe_run_evaluate(moe_run *run, const char *data, moe_split split, int64_t max_blocks, moe_evaluation *evaluation);
MOE_API moe_status moe_run_generate(moe_run *run, const moe_generate_options *options, char **text, int32_t **ids, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
