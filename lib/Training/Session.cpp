//===- Session.cpp - a model driven by its host -----------------*- C++ -*-===//
#include "lib/Training/Checkpoint.h"
#include "lib/Training/FiniteCheck.h"
#include "lib/Training/Guard.h"
#include "lib/Training/Programs.h"
#include "lib/Training/UpdateCheck.h"

#include <array>
#include <cmath>
#include <cstring>

using namespace moe;

namespace {
/// A program with the buffers that no other program sees.
struct BoundProgram {
  const Program *program = nullptr;
  BufferStore local;
  std::unique_ptr<Runner> runner;
};
} // namespace

struct Session::Impl {
  Impl(const Executable &executable, const TrainSettings &settings) : executable(executable), settings(settings), pool(settings.threads) {}

  Status prepare();
  BoundProgram *get(std::string_view name);
  Status checkRows(std::string_view name, int64_t begin, int64_t end);
  Status observe(RunObserver *observer);
  Status runMicroBatch(double &loss);
  void setStepNumber();
  Status update();
  Status attempt(double &loss);
  Status step(double &loss);
  Status run(std::string_view name);
  Status requireFinite(BufferStore &store, BindingKind kind, const Snapshot &earlier);
  Status requireFiniteUpdate();
  std::vector<Buffer *> getState();
  Status save(const std::string &path);
  Status load(const std::string &path);

  const Executable &executable;
  TrainSettings settings;
  ThreadPool pool;
  BufferStore shared;
  std::map<std::string, BoundProgram, std::less<>> programs;
  UpdateCheck updateCheck;
  Snapshot before;          ///< of what @train changes and a later step reads
  int64_t stepsDone = 0;
  int64_t microBatches = 0; ///< done since the last update
};

Session::Session() = default;
Session::~Session() = default;

//===-- Set-up ---------------------------------------------------------------------===//

Status Session::Impl::prepare() {
  const Program *found = nullptr;
  for (const char *name : {"train", "update"})
    if (Status status = requireProgram(executable, name, found); !status)
      return status;
  for (const Program &program : executable.programs) {
    if (program.name == UpdateCheck::programName)
      continue;
    BoundProgram &bound = programs[program.name];
    bound.program = &program;
    if (Status status = shared.addShared(program); !status)
      return status;
    if (Status status = bound.local.addLocal(program, program.name == "train" ? settings.microBatches : 1); !status)
      return status;
    bound.local.initialize(settings.seed);
  }
  if (!get("train")->local.find(BindingKind::loss, "loss"))
    return Status::failure("@train gives no loss");
  shared.initialize(settings.seed);
  for (auto &[name, bound] : programs) {
    bound.runner = std::make_unique<Runner>(executable, *bound.program, pool);
    if (Status status = bound.runner->bind({&bound.local, &shared}); !status)
      return status;
  }
  std::vector<Buffer *> changed = get("train")->local.all(BindingKind::stream);
  for (BindingKind kind : {BindingKind::state, BindingKind::tally})
    for (Buffer *buffer : shared.all(kind))
      changed.push_back(buffer);
  before.watch(changed);
  return updateCheck.prepare(executable, get("update")->local, shared, pool);
}

BoundProgram *Session::Impl::get(std::string_view name) {
  auto it = programs.find(name);
  return it == programs.end() ? nullptr : &it->second;
}

std::vector<Buffer *> Session::Impl::getState() {
  std::vector<Buffer *> state = get("train")->local.all(BindingKind::stream), updated = updatedBuffers(shared);
  state.insert(state.end(), updated.begin(), updated.end());
  return state;
}

//===-- Running --------------------------------------------------------------------===//

Status Session::Impl::observe(RunObserver *observer) {
  for (auto &[name, bound] : programs)
    if (Status status = bound.runner->observe(observer); !status)
      return status;
  return Status::success();
}

/// Looks at batch rows [begin, end) of the inputs.
Status Session::Impl::checkRows(std::string_view name, int64_t begin, int64_t end) {
  for (const Buffer *input : std::as_const(get(name)->local).all(BindingKind::input)) {
    if (input->binding.type != DType::i32 || input->binding.shape.empty())
      continue;
    int64_t rows = input->binding.shape[0], width = rows ? input->elements() / rows : 0;
    for (int64_t i = begin * width; i < std::min(end, rows) * width; ++i) {
      int32_t id = input->as<int32_t>()[i];
      if (id >= 0 && (!settings.vocabulary || id < settings.vocabulary))
        continue;
      return Status::failure("@" + std::string(name) + ": " + input->binding.name + "[" + std::to_string(i / width) + ", " +
                             std::to_string(i % width) + "] is " + std::to_string(id) + ", expected an id " +
                             (settings.vocabulary ? "from 0 to " + std::to_string(settings.vocabulary - 1) : "of 0 or more"));
    }
  }
  return Status::success();
}

Status Session::Impl::runMicroBatch(double &loss) {
  BoundProgram &train = *get("train");
  int64_t rows = settings.batch / settings.microBatches;
  if (microBatches >= settings.microBatches)
    return Status::failure("all micro-batches of the step have been run: its update is next");
  if (Status status = checkRows("train", microBatches * rows, (microBatches + 1) * rows); !status)
    return status;
  if (microBatches == 0 && settings.microBatches > 1) // else each run writes them anew
    for (Buffer *gradient : shared.all(BindingKind::grad))
      std::memset(gradient->memory.data(), 0, static_cast<size_t>(gradient->bytes()));
  if (Buffer *key = train.local.find(BindingKind::key, "key")) {
    auto words = std::array<uint32_t, 3>{static_cast<uint32_t>(settings.seed), static_cast<uint32_t>(settings.seed >> 32),
                                         static_cast<uint32_t>(stepsDone * settings.microBatches + microBatches)};
    std::memcpy(key->memory.data(), words.data(), sizeof(words));
  }
  if (Status status = train.runner->run(microBatches); !status)
    return status;
  ++microBatches;
  for (BindingKind kind : {BindingKind::loss, BindingKind::objective})
    if (const Buffer *value = train.local.find(kind, toString(kind)); value && !std::isfinite(*value->as<float>()))
      return Status::failure("the " + value->binding.name + " of micro-batch " + std::to_string(microBatches) + " of " +
                             std::to_string(settings.microBatches) + " is " + nameNonFinite(*value->as<float>()));
  loss = *train.local.find(BindingKind::loss, "loss")->as<float>();
  return Status::success();
}

void Session::Impl::setStepNumber() {
  if (Buffer *number = get("update")->local.find(BindingKind::step, "step"))
    *number->as<int32_t>() = static_cast<int32_t>(stepsDone + 1);
}

Status Session::Impl::update() {
  if (microBatches != settings.microBatches)
    return Status::failure("the update comes after " + std::to_string(settings.microBatches) + " micro-batches, " +
                           std::to_string(microBatches) + " have been run");
  setStepNumber();
  if (Status status = get("update")->runner->run(); !status)
    return status;
  ++stepsDone;
  microBatches = 0;
  return Status::success();
}

/// Fails when the step has put the first infinity or nan into a buffer of this kind.
Status Session::Impl::requireFinite(BufferStore &store, BindingKind kind, const Snapshot &snapshot) {
  for (const Buffer *buffer : store.all(kind)) {
    const std::byte *earlier = snapshot.find(*buffer); // a state may have been made with an infinity
    if (!isFinite(*buffer, pool) && (!earlier || isFinite(earlier, buffer->elements(), pool)))
      return Status::failure(std::string(toString(kind)) + " '" + buffer->binding.name + "' is not finite");
  }
  return Status::success();
}

/// Fails when a gradient is not finite or the update would make what is not; nothing of it is done.
Status Session::Impl::requireFiniteUpdate() {
  setStepNumber();
  return updateCheck.run([&](const Snapshot &earlier) {
    if (Status status = requireFinite(shared, BindingKind::grad, earlier); !status)
      return status;
    if (Status status = get("update")->runner->run(); !status)
      return status;
    if (Status status = requireFinite(get("update")->local, BindingKind::metric, earlier); !status)
      return status;
    for (BindingKind kind : {BindingKind::param, BindingKind::opt, BindingKind::state})
      if (Status status = requireFinite(shared, kind, earlier); !status)
        return status;
    return Status::success();
  });
}

Status Session::Impl::attempt(double &loss) {
  double sum = 0;
  for (int64_t m = 0; m < settings.microBatches; ++m) {
    double part = 0;
    if (Status status = runMicroBatch(part); !status)
      return status;
    sum += part;
  }
  loss = sum / static_cast<double>(settings.microBatches);
  if (Status status = requireFiniteUpdate(); !status)
    return status;
  if (Status status = requireFinite(shared, BindingKind::state, before); !status)
    return status;
  if (Status status = requireFinite(get("train")->local, BindingKind::stream, before); !status)
    return status;
  return update();
}

Status Session::Impl::step(double &loss) {
  int64_t number = stepsDone + 1;
  if (microBatches)
    return Status::failure("micro-batches of step " + std::to_string(number) + " have been run alone: its update is next");
  before.take(pool);
  Status status = attempt(loss);
  if (status)
    return status;
  before.restore(pool);
  stepsDone = number - 1;
  microBatches = 0;
  return Status::failure("step " + std::to_string(number) + ": " + status.error);
}

Status Session::Impl::run(std::string_view name) {
  BoundProgram *bound = get(name);
  if (!bound || (name != "eval" && name != "decode"))
    return Status::failure("the model has no program '" + std::string(name) + "' that is run alone");
  if (Status status = checkRows(name, 0, std::numeric_limits<int64_t>::max()); !status)
    return status;
  return bound->runner->run();
}

//===-- Checkpoints ----------------------------------------------------------------===//

Status Session::Impl::save(const std::string &path) {
  Manifest manifest;
  manifest.step = stepsDone;
  manifest.seed = settings.seed;
  manifest.vocabulary = settings.vocabulary;
  std::vector<const Buffer *> saved;
  for (const Buffer *buffer : getState())
    if (buffer->binding.kind != BindingKind::tally)
      saved.push_back(buffer);
  return writeCheckpoint(path, manifest, {saved, {}});
}

Status Session::Impl::load(const std::string &path) {
  TensorFile file;
  Manifest manifest;
  if (Status status = openCheckpoint(path, file, manifest); !status)
    return status;
  if (settings.vocabulary && manifest.vocabulary != settings.vocabulary)
    return Status::failure(path + ": made with a vocabulary of " + std::to_string(manifest.vocabulary) + ", the model has " +
                           std::to_string(settings.vocabulary));
  Snapshot held; // a file that turns out to be broken changes nothing
  held.watch(getState());
  held.take(pool);
  Status status = readBuffers(path, file, shared, {BindingKind::param, BindingKind::state, BindingKind::opt});
  if (status)
    status = readBuffers(path, file, get("train")->local, {BindingKind::stream});
  if (!status) {
    held.restore(pool);
    return status;
  }
  stepsDone = manifest.step;
  settings.seed = manifest.seed;
  microBatches = 0;
  return status;
}

//===-- Public face ----------------------------------------------------------------===//

Status Session::create(const Executable &executable, const SessionOptions &options, std::unique_ptr<Session> &session) {
  return guarded("the session", [&] {
    TrainSettings settings;
    if (Status status = parseSettings(executable.settings, settings); !status)
      return status;
    settings.seed = options.seed.value_or(settings.seed);
    settings.threads = options.threads.value_or(settings.threads);
    if (Status status = requireMemory(planMemory(executable, settings), availableMemory()); !status)
      return status;
    std::unique_ptr<Session> made(new Session);
    made->impl = std::make_unique<Impl>(executable, settings);
    if (Status status = made->impl->prepare(); !status)
      return status;
    session = std::move(made);
    return Status::success();
  });
}

const TrainSettings &Session::getSettings() const { return impl->settings; }
int64_t Session::getStep() const { return impl->stepsDone; }
int64_t Session::getMicroBatches() const { return impl->microBatches; }
bool Session::hasProgram(std::string_view program) const { return impl->get(program); }

Buffer *Session::find(std::string_view program, BindingKind kind, std::string_view name) {
  BoundProgram *bound = impl->get(program);
  if (!bound)
    return nullptr;
  Buffer *own = bound->local.find(kind, name);
  return own ? own : impl->shared.find(kind, name);
}

Status Session::checkInputs(std::string_view program) const {
  return hasProgram(program) ? impl->checkRows(program, 0, std::numeric_limits<int64_t>::max())
                             : Status::failure("the model has no program '" + std::string(program) + "'");
}
Status Session::step(double &loss) {
  return guarded("a step", [&] { return impl->step(loss); });
}
Status Session::runMicroBatch(double &loss) {
  return guarded("a micro-batch", [&] { return impl->runMicroBatch(loss); });
}
Status Session::observe(RunObserver *observer) { return impl->observe(observer); }
Status Session::update() {
  return guarded("an update", [&] { return impl->update(); });
}
Status Session::run(std::string_view program) {
  return guarded("a run", [&] { return impl->run(program); });
}
Status Session::resetStreams(std::string_view program) {
  BoundProgram *bound = impl->get(program);
  if (!bound)
    return Status::failure("the model has no program '" + std::string(program) + "'");
  bound->local.resetStreams();
  return Status::success();
}
Status Session::save(const std::string &path) const {
  return guarded("a checkpoint", [&] { return impl->save(path); });
}
Status Session::load(const std::string &path) {
  return guarded("a checkpoint", [&] { return impl->load(path); });
}
