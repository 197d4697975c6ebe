/* host MODEL.moe DATA STEPS SEED... trains inside a program in C: the model is compiled once, and every seed has a thread and a session of its own.
 * Prints "SEED STEP LOSS" for every step, then of every seed what is read from the largest parameter. */
#include "moe-c/dlpack.h"
#include "moe-c/moe.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(moe_status status) {
  if (status == MOE_OK)
    return;
  fprintf(stderr, "error: %s\n", moe_last_error());
  exit(status);
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  char *text = calloc(1, 1 << 20);
  if (!file || !text || fread(text, 1, (1 << 20) - 1, file) == 0)
    exit(1);
  fclose(file);
  return text;
}

typedef struct {
  moe_model *model;
  const int32_t *ids; /* of the training text */
  int64_t count, seed;
  size_t steps;
  double *losses;
  double sum; /* of the squares of the largest parameter */
} job;

/* Row r of a block is ids[r * length + offset ...]; targets lie one further. */
static void write_block(const job *job, const moe_tensor *tokens, const moe_tensor *targets, size_t step) {
  int64_t rows = tokens->shape[0], context = tokens->shape[1], length = job->count / rows;
  for (int64_t row = 0; row < rows; ++row) {
    const int32_t *from = job->ids + row * length + (int64_t)step * context;
    memcpy((int32_t *)tokens->data + row * context, from, (size_t)context * sizeof(int32_t));
    memcpy((int32_t *)targets->data + row * context, from + 1, (size_t)context * sizeof(int32_t));
  }
}

/* Goes through all parameters; the tensor of the largest outlives the session. */
static struct DLManagedTensor *find_largest(const job *job, moe_session *session) {
  moe_binding binding = MOE_BINDING_INIT, largest = MOE_BINDING_INIT;
  size_t count = 0;
  struct DLManagedTensor *tensor = NULL;
  check(moe_model_binding_count(job->model, MOE_TRAIN, &count));
  for (size_t i = 0; i < count; ++i) {
    check(moe_model_binding(job->model, MOE_TRAIN, i, &binding));
    if (binding.kind == MOE_PARAM && binding.bytes > largest.bytes)
      largest = binding;
  }
  check(moe_session_dlpack(session, MOE_TRAIN, MOE_PARAM, largest.name, &tensor));
  return tensor;
}

static void *train(void *argument) {
  job *job = argument;
  moe_session *session = NULL;
  moe_session_options options = MOE_SESSION_OPTIONS_INIT;
  moe_tensor tokens = MOE_TENSOR_INIT, targets = MOE_TENSOR_INIT;
  int64_t elements = 1;
  options.seed = job->seed;
  options.threads = 1;
  check(moe_session_create(job->model, &options, &session));
  check(moe_session_tensor(session, MOE_TRAIN, MOE_INPUT_IDS, "tokens", &tokens));
  check(moe_session_tensor(session, MOE_TRAIN, MOE_INPUT_IDS, "targets", &targets));
  for (size_t step = 0; step < job->steps; ++step) {
    write_block(job, &tokens, &targets, step);
    check(moe_session_step(session, &job->losses[step]));
  }
  struct DLManagedTensor *weight = find_largest(job, session);
  moe_session_destroy(session);
  for (int32_t i = 0; i < weight->dl_tensor.ndim; ++i)
    elements *= weight->dl_tensor.shape[i];
  for (int64_t i = 0; i < elements; ++i)
    job->sum += (double)((float *)weight->dl_tensor.data)[i] * ((float *)weight->dl_tensor.data)[i];
  weight->deleter(weight);
  return NULL;
}

int main(int argc, char **argv) {
  const char *presets[] = {"heavy_ball"};
  moe_compile_options options = MOE_COMPILE_OPTIONS_INIT;
  moe_text *text = NULL;
  moe_model *model = NULL;
  char *source, *settings = NULL;
  int64_t count = 0;
  int jobs = argc - 4;
  if (jobs < 1 || moe_abi_version() != MOE_ABI_VERSION)
    return MOE_USAGE;
  source = read_file(argv[1]);
  options.presets = presets;
  options.preset_count = 1;
  check(moe_read_settings(argv[1], source, &options, &settings, NULL));
  check(moe_text_load(argv[2], settings, NULL, &text));
  check(moe_text_vocabulary(text, &options.vocabulary));
  check(moe_compile(argv[1], source, &options, &model, NULL));
  check(moe_text_count(text, MOE_SPLIT_TRAIN, &count));
  int32_t *ids = malloc((size_t)count * sizeof(int32_t));
  check(moe_text_copy(text, MOE_SPLIT_TRAIN, 0, (size_t)count, ids));

  size_t steps = strtoul(argv[3], NULL, 10);
  job *all = calloc((size_t)jobs, sizeof(job));
  pthread_t *threads = calloc((size_t)jobs, sizeof(pthread_t));
  for (int i = 0; i < jobs; ++i) {
    all[i] = (job){model, ids, count, strtol(argv[4 + i], NULL, 10), steps, calloc(steps, sizeof(double)), 0};
    pthread_create(&threads[i], NULL, train, &all[i]);
  }
  for (int i = 0; i < jobs; ++i) {
    pthread_join(threads[i], NULL);
    for (size_t step = 0; step < steps; ++step)
      printf("%ld %zu %.17g\n", (long)all[i].seed, step + 1, all[i].losses[step]);
    free(all[i].losses);
  }
  for (int i = 0; i < jobs; ++i)
    printf("largest parameter of seed %ld: %.17g\n", (long)all[i].seed, all[i].sum);
  moe_model_destroy(model);
  moe_text_destroy(text);
  moe_free(settings);
  free(threads);
  free(all);
  free(ids);
  free(source);
  return 0;
}
