// A real Apache Kafka for tests: deploy/kafka/broker, started for one test program and ended with
// it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "eventstore/base/ids.h"
#include "eventstore/log/kafka/options.h"

namespace jalon::eventstore::testing {

class Brokers {
 public:
  // The cluster of this test program, of one broker, started at first use.
  static Brokers& Shared();
  // Another one. Aborts, saying why, if it does not start.
  explicit Brokers(int count);
  ~Brokers();
  Brokers(const Brokers&) = delete;
  Brokers& operator=(const Brokers&) = delete;

  // Of a log of its own on these brokers: another topic each time.
  KafkaOptions NewLog() const;
  // Makes a lasting topic, but for these settings.
  static void MakeTopic(const KafkaOptions& options, const std::string& name, uint32_t partitions,
                        const std::map<std::string, std::string>& but);
  // Deletes the partition's records before `first`.
  static void DeleteRecords(const KafkaOptions& options, Partition partition, uint64_t first);
  // "kill 1", "pause 2", "resume 2", "start 1": see deploy/kafka/broker. Aborts if it fails.
  void Do(const std::string& verb) const;
  // "host:port,host:port"
  const std::string& addresses() const { return addresses_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::string addresses_;
  int count_;
};

}  // namespace jalon::eventstore::testing
