/* plugin LIBRARY: a program that knows nothing of moe, loads it as a plugin that nobody else sees, and takes a step of a model that needs functions of libm. */
#include "moe-c/moe.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define LOAD(name) *(void **)(&name) = dlsym(library, "moe_" #name)

int main(int argc, char **argv) {
  const char *source = "model LM(V: dim, d=4)(tok: id[B,T]) -> [B,T,V] {\n"
                       "  x = embedding(V,d)(tok)\n"
                       "  return linear(V)(x + 0.1*cos(x))\n"
                       "}\n"
                       "train { data=text(tokens=bytes); batch=2; context=3; loss=cross_entropy; optimizer=AdamW(lr=.01); steps=1 }\n";
  static const int32_t ids[6] = {1, 2, 3, 4, 5, 6};
  moe_compile_options options = MOE_COMPILE_OPTIONS_INIT;
  moe_model *model;
  moe_session *session;
  double loss;
  int seen;
  void *library = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
  moe_status (*compile)(const char *, const char *, const moe_compile_options *, moe_model **, moe_diagnostics **);
  moe_status (*session_create)(moe_model *, const moe_session_options *, moe_session **);
  moe_status (*session_feed)(moe_session *, moe_program, const int32_t *, const int32_t *, size_t);
  moe_status (*session_step)(moe_session *, double *);
  const char *(*last_error)(void);
  if (!library)
    return puts(dlerror()), 1;
  seen = dlsym(RTLD_DEFAULT, "cosf") != NULL;
  LOAD(compile);
  LOAD(session_create);
  LOAD(session_feed);
  LOAD(session_step);
  LOAD(last_error);
  options.vocabulary = 256;
  if (compile("plugin.moe", source, &options, &model, NULL) || session_create(model, NULL, &session) ||
      session_feed(session, MOE_TRAIN, ids, ids, 6) || session_step(session, &loss))
    return puts(last_error()), 1;
  printf("loss %.3f, libm %s\n", loss, seen ? "seen" : "not seen");
  return 0;
}
