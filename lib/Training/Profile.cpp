//===- Profile.cpp - where the time of a step goes --------------*- C++ -*-===//
#include "moe/Training/Profile.h"

#include "lib/Training/TraceFile.h"

#include <map>

using namespace moe;
using Clock = std::chrono::steady_clock;

static constexpr int stepTrack = 1, firstThreadTrack = 2;
static constexpr int64_t stepsUnlessAsked = 10;

/// `f32[512, 256]`
static std::string describeType(const TensorType &type) {
  static constexpr const char *names[] = {"f32[", "i32[", "i1[", "bf16["}; // as DType counts
  std::string text = names[static_cast<size_t>(type.type)];
  for (size_t i = 0; i < type.shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(type.shape[i]);
  return text + "]";
}

/// Whether a launch computes something of a gradient: from the first such launch on a program runs backward.
static bool isBackward(const Launch &launch) { return launch.name.find("gradient of") != std::string::npos; }

struct Profile::Impl final : RunObserver {
  void beginRun(const Program &program, const std::vector<std::byte *> &buffers, int64_t microBatch) override;
  void beforeLaunch(const LaunchView &) override {}
  void afterLaunch(const LaunchView &view) override;
  void endRun() override;

  void addSpan(int track, Clock::time_point begin, Clock::time_point end, std::string content);
  void addPhase(const char *name, Clock::time_point begin, Clock::time_point end);
  void addThreads(const LaunchView &view);
  /// Those of its name, category and arguments that every run of it has.
  const std::string &getContent(const LaunchView &view);
  void flush();

  TraceFile file;
  Status status; ///< of writing; nothing is recorded after a failure
  Steps steps;
  std::string unit; ///< what a step is called
  bool areStepsChosen = false, isActive = false, isInStep = false;
  Clock::time_point origin = Clock::now();
  size_t namedThreads = 0;

  // The run of a program that is going on.
  const Program *program = nullptr;
  int64_t microBatch = 0;
  Clock::time_point runBegin;
  std::optional<Clock::time_point> backwardBegin;

  std::map<std::pair<const Program *, size_t>, std::string> contents; ///< of launches
  LaunchSums sums;
  int64_t recordedSteps = 0;
  double stepSeconds = 0;
};

//===-- Spans --------------------------------------------------------------------------===//

void Profile::Impl::addSpan(int track, Clock::time_point begin, Clock::time_point end, std::string content) {
  auto since = [&](Clock::time_point time) { return std::chrono::duration_cast<std::chrono::nanoseconds>(time - origin).count(); };
  file.add({track, since(begin), since(end), std::move(content)});
}

void Profile::Impl::addPhase(const char *name, Clock::time_point begin, Clock::time_point end) {
  addSpan(stepTrack, begin, end, jsonMember("name", name) + ",\"cat\":\"phase\"");
}

void Profile::Impl::flush() {
  if (status)
    status = file.flush();
  isActive = isActive && status.ok();
}

void Profile::Impl::beginRun(const Program &what, const std::vector<std::byte *> &, int64_t part) {
  program = &what;
  microBatch = part;
  runBegin = Clock::now();
  backwardBegin.reset();
}

const std::string &Profile::Impl::getContent(const LaunchView &view) {
  std::string &content = contents[{&view.program, view.index}];
  if (!content.empty())
    return content;
  const Launch &launch = view.launch();
  content = jsonMember("name", launch.name.empty() ? view.kernel.symbol : launch.name) + ",\"cat\":\"launch\",\"args\":{" +
            jsonMember("kernel", view.kernel.symbol) + "," + jsonMember("source", launch.location) + "," + jsonMember("blocks", launch.blocks);
  if (!view.results.empty())
    content += "," + jsonMember("result", describeType(*view.results[0].type));
  return content;
}

void Profile::Impl::afterLaunch(const LaunchView &view) {
  if (!backwardBegin && isBackward(view.launch()))
    backwardBegin = view.begin;
  double flop = countFlop(view);
  int64_t bytes = 0;
  for (const std::vector<TensorView> *tensors : {&view.operands, &view.results})
    for (const TensorView &tensor : *tensors)
      bytes += tensor.bytes();
  std::string content = getContent(view) + "," + jsonMember("bytes", bytes);
  if (flop > 0)
    content += "," + jsonMember("flop", static_cast<int64_t>(flop));
  addSpan(stepTrack, view.begin, view.end, content + "}");
  addThreads(view);
  if (isInStep)
    sums.afterLaunch(view);
}

void Profile::Impl::addThreads(const LaunchView &view) {
  for (; namedThreads < view.threads.size(); ++namedThreads)
    file.nameTrack(firstThreadTrack + static_cast<int>(namedThreads), "thread " + std::to_string(namedThreads));
  for (size_t i = 0; i < view.threads.size(); ++i) {
    const ThreadWork &work = view.threads[i];
    if (work.blocks == 0)
      continue;
    int64_t busy = std::chrono::duration_cast<std::chrono::nanoseconds>(work.busy).count();
    addSpan(firstThreadTrack + static_cast<int>(i), work.begin, work.end,
            jsonMember("name", view.kernel.symbol) + ",\"cat\":\"blocks\",\"args\":{" + jsonMember("source", view.launch().location) + "," +
                jsonMember("blocks", work.blocks) + "," + jsonMember("busy_ns", busy) + "}");
  }
}

void Profile::Impl::endRun() {
  Clock::time_point end = Clock::now();
  addSpan(stepTrack, runBegin, end,
          jsonMember("name", "@" + program->name) + ",\"cat\":\"program\",\"args\":{" + jsonMember("micro_batch", microBatch + 1) + "}");
  if (!backwardBegin)
    return;
  addPhase("forward", runBegin, *backwardBegin);
  addPhase("backward", *backwardBegin, end);
}

//===-- Phases and steps ---------------------------------------------------------------===//

Profile::Phase::Phase(Profile *profile, const char *name) : profile(profile && profile->impl->isActive ? profile : nullptr), name(name) {
  if (this->profile)
    begin = Clock::now();
}

Profile::Phase::~Phase() {
  if (profile)
    profile->impl->addPhase(name, begin, Clock::now());
}

Profile::Step::Step(Profile *profile, int64_t number) : profile(profile), number(number) {
  if (!profile)
    return;
  Impl &impl = *profile->impl;
  impl.flush();
  if (!impl.areStepsChosen)
    impl.steps = {number, number + stepsUnlessAsked - 1};
  impl.areStepsChosen = true;
  impl.isActive = impl.isInStep = impl.status && impl.steps.first <= number && number <= impl.steps.last;
  if (!impl.isActive)
    this->profile = nullptr;
  else
    begin = Clock::now();
}

Profile::Step::~Step() {
  if (!profile)
    return;
  Impl &impl = *profile->impl;
  Clock::time_point end = Clock::now();
  impl.addSpan(stepTrack, begin, end, jsonMember("name", impl.unit + " " + std::to_string(number)) + "," + jsonMember("cat", impl.unit));
  impl.isInStep = false;
  ++impl.recordedSteps;
  impl.stepSeconds += std::chrono::duration<double>(end - begin).count();
}

//===-- Public face --------------------------------------------------------------------===//

Profile::Profile(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Profile::~Profile() = default;

Status Profile::open(const std::string &path, std::optional<Steps> steps, const std::string &unit, std::unique_ptr<Profile> &profile) {
  auto impl = std::make_unique<Impl>();
  if (Status status = impl->file.open(path); !status)
    return status;
  impl->unit = unit;
  impl->file.nameTrack(stepTrack, unit + "s");
  impl->areStepsChosen = steps.has_value();
  impl->steps = steps.value_or(Steps{});
  profile.reset(new Profile(std::move(impl)));
  return Status::success();
}

Status Profile::requireSteps(const std::string &what, int64_t done, int64_t total) {
  if (!impl->areStepsChosen || (impl->steps.first <= total && impl->steps.last > done))
    return Status::success();
  std::string asked = std::to_string(impl->steps.first) + "-" + std::to_string(impl->steps.last);
  if (impl->steps.first > total)
    return Status::failure(impl->unit + "s " + asked + " are to be profiled, but " + what + " has " + std::to_string(total));
  return Status::failure(impl->unit + "s " + asked + " are to be profiled, but " + what + " has done " + std::to_string(done) + " already");
}

RunObserver *Profile::getObserver() { return impl->isActive ? impl.get() : nullptr; }

Status Profile::close() {
  impl->flush();
  impl->isActive = false;
  return impl->status ? impl->file.close() : impl->status;
}

ProfileSummary Profile::getSummary() const {
  return {impl->recordedSteps, impl->stepSeconds, impl->sums.get()};
}
