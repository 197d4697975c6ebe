//===- EventFile.cpp - TensorBoard's event files ----------------*- C++ -*-===//
#include "lib/Training/Report/EventFile.h"
#include "moe/Training/RunLog.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <filesystem>

using namespace moe;
namespace fs = std::filesystem;

//===-- Records --------------------------------------------------------------------===//

static constexpr std::array<uint32_t, 256> makeCrcTable() {
  constexpr uint32_t castagnoli = 0x82f63b78; // reflected
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    table[byte] = byte;
    for (int bit = 0; bit < 8; ++bit)
      table[byte] = (table[byte] >> 1) ^ (table[byte] & 1 ? castagnoli : 0);
  }
  return table;
}

uint32_t moe::crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> table = makeCrcTable();
  uint32_t crc = ~uint32_t(0);
  for (char byte : bytes)
    crc = (crc >> 8) ^ table[(crc ^ static_cast<uint8_t>(byte)) & 0xff];
  return ~crc;
}

/// A CRC over data that holds its own CRC says little: records keep it rotated, plus a constant.
static uint32_t maskedCrc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8; }

template <typename Int>
static void appendLittleEndian(std::string &out, Int value) {
  for (size_t i = 0; i < sizeof(Int); ++i)
    out += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
}

Status EventFile::writeRecord(std::string_view event) {
  std::string record;
  appendLittleEndian(record, static_cast<uint64_t>(event.size()));
  appendLittleEndian(record, maskedCrc(record));
  record += event;
  appendLittleEndian(record, maskedCrc(event));
  return file.append(record);
}

//===-- Protobuf's wire format --------------------------------------------------------===//

namespace {
/// The fields of a message, one after another.
class Message {
public:
  Message &varint(int field, uint64_t value) {
    appendVarint(static_cast<uint64_t>(field) << 3);
    appendVarint(value);
    return *this;
  }
  Message &real(int field, double value) {
    appendVarint(static_cast<uint64_t>(field) << 3 | 1);
    appendLittleEndian(out, std::bit_cast<uint64_t>(value));
    return *this;
  }
  Message &single(int field, float value) {
    appendVarint(static_cast<uint64_t>(field) << 3 | 5);
    appendLittleEndian(out, std::bit_cast<uint32_t>(value));
    return *this;
  }
  /// A text, or another message.
  Message &text(int field, std::string_view value) {
    appendVarint(static_cast<uint64_t>(field) << 3 | 2);
    appendVarint(value.size());
    out += value;
    return *this;
  }
  Message &reals(int field, const std::vector<double> &values) {
    std::string packed;
    for (double value : values)
      appendLittleEndian(packed, std::bit_cast<uint64_t>(value));
    return text(field, packed);
  }
  operator std::string_view() const { return out; }

private:
  void appendVarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  std::string out;
};

/// The numbers of fields in tensorboard/compat/proto: event.proto, summary.proto.
namespace event {
constexpr int wallTime = 1, step = 2, fileVersion = 3, summary = 5, sessionLog = 7;
}
namespace session {
constexpr int status = 1;
constexpr uint64_t start = 1;
} // namespace session
namespace summary {
constexpr int value = 1, tag = 1, simpleValue = 2, histogram = 5;
}
namespace histogram {
constexpr int least = 1, greatest = 2, count = 3, sum = 4, sumOfSquares = 5, limits = 6, counts = 7;
}
} // namespace

static void addScalar(Message &all, const std::string &tag, double value) {
  all.text(summary::value, Message().text(summary::tag, tag).single(summary::simpleValue, static_cast<float>(value)));
}

/// `limits[i]` is the upper end of bucket i.
static void addHistogram(Message &all, const std::string &tag, double least, const std::vector<double> &limits, const std::vector<double> &counts,
                         double sum, double sumOfSquares) {
  double count = 0;
  for (double c : counts)
    count += c;
  Message message;
  message.real(histogram::least, least).real(histogram::greatest, limits.back()).real(histogram::count, count);
  message.real(histogram::sum, sum).real(histogram::sumOfSquares, sumOfSquares).reals(histogram::limits, limits).reals(histogram::counts, counts);
  all.text(summary::value, Message().text(summary::tag, tag).text(summary::histogram, message));
}

/// A bucket an expert: where the mass lies says who gets the tokens.
static void addLoad(Message &all, const std::string &tag, const std::vector<float> &load) {
  std::vector<double> limits, counts;
  double sum = 0, sumOfSquares = 0;
  for (size_t expert = 0; expert < load.size(); ++expert) {
    limits.push_back(static_cast<double>(expert + 1));
    counts.push_back(load[expert]);
    sum += load[expert] * static_cast<double>(expert);
    sumOfSquares += load[expert] * static_cast<double>(expert * expert);
  }
  addHistogram(all, tag, 0, limits, counts, sum, sumOfSquares);
}

static void addValues(Message &all, const std::string &tag, const std::vector<float> &values) {
  constexpr size_t buckets = 30;
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  double low = *least, width = (static_cast<double>(*greatest) - low) / buckets;
  if (!(width > 0))
    width = 1.0 / buckets; // all are the same
  std::vector<double> limits, counts(buckets, 0.0);
  for (size_t i = 1; i <= buckets; ++i)
    limits.push_back(low + width * static_cast<double>(i));
  double sum = 0, sumOfSquares = 0;
  for (float value : values) {
    counts[std::min(buckets - 1, static_cast<size_t>((value - low) / width))] += 1;
    sum += value;
    sumOfSquares += static_cast<double>(value) * value;
  }
  addHistogram(all, tag, low, limits, counts, sum, sumOfSquares);
}

//===-- Files ----------------------------------------------------------------------===//

static constexpr std::string_view prefix = "events.out.tfevents.";

static double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

static std::vector<std::string> listFiles(const std::string &folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (std::string name = it->path().filename().string(); name.starts_with(prefix))
      names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

bool EventFile::exists(const std::string &folder) { return !listFiles(folder).empty(); }

/// TensorBoard reads the files of a folder in the order of their names: the newest one has the last.
static std::string nextName(const std::string &folder) {
  auto second = static_cast<long long>(now());
  for (const std::string &name : listFiles(folder))
    second = std::max(second, std::atoll(name.substr(prefix.size()).c_str()) + 1);
  char number[24];
  std::snprintf(number, sizeof number, "%010lld", second);
  return std::string(prefix) + number + ".moec";
}

Status EventFile::open(const std::string &folder, int64_t firstStep) {
  if (Status status = file.open((fs::path(folder) / nextName(folder)).string(), RecordFile::Mode::create); !status)
    return status;
  if (Status status = writeRecord(Message().real(event::wallTime, now()).text(event::fileVersion, "brain.Event:2")); !status)
    return status;
  return writeRecord(Message()
                         .real(event::wallTime, now())
                         .varint(event::step, static_cast<uint64_t>(firstStep))
                         .text(event::sessionLog, Message().varint(session::status, session::start)));
}

Status EventFile::writeEvent(int64_t step, std::string_view values) {
  return writeRecord(Message().real(event::wallTime, now()).varint(event::step, static_cast<uint64_t>(step)).text(event::summary, values));
}

Status EventFile::write(const StepMetrics &metrics) {
  if (!file.isOpen())
    return Status::success();
  Message values;
  addScalar(values, "loss", metrics.loss);
  addScalar(values, "ppl", metrics.perplexity);
  for (const auto &[name, value] : metrics.metrics)
    addScalar(values, name, value);
  addScalar(values, "tokens_per_s", metrics.tokensPerSecond);
  for (const auto &[name, value] : metrics.aux)
    addScalar(values, "aux/" + name, value);
  for (const NamedValues &probe : metrics.probes) {
    std::string tag = "probes/" + probe.name;
    bool isFinite = std::all_of(probe.values.begin(), probe.values.end(), [](float value) { return std::isfinite(value); });
    if (probe.values.size() == 1)
      addScalar(values, tag, probe.values[0]);
    else if (isFinite && !probe.values.empty()) // a histogram has no place for nan
      probeKind(probe.name) == "load" ? addLoad(values, tag, probe.values) : addValues(values, tag, probe.values);
  }
  return writeEvent(metrics.step, values);
}

Status EventFile::write(int64_t step, const Evaluation &validation, bool isFinal) {
  if (!file.isOpen())
    return Status::success();
  std::string split = isFinal ? "final/" : "valid/";
  Message values;
  addScalar(values, split + "loss", validation.loss);
  addScalar(values, split + "ppl", validation.perplexity);
  return writeEvent(step, values);
}
