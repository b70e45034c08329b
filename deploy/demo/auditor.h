// What an auditor does with a company's trail: exports it and keeps what was signed, by the command
// line; then verifies it in a folder with nothing but that, without server or network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deploy/demo/jalon.h"
#include "deploy/demo/screen.h"
#include "jalon/trail/v1/receipt.pb.h"

namespace jalon::demo {

// What `jalon verify` exits with.
inline constexpr int kValid = 0;
inline constexpr int kAltered = 20;
inline constexpr int kTruncated = 22;
inline constexpr int kReceiptMissing = 23;

// Each call claims what it did on the screen, and whether that holds is what it returns.
class Auditor {
 public:
  struct Parts {
    const Jalon& node;
    std::string company_id;  // 8 bytes
    std::string token;       // of who may export
    std::string folder;      // for exports and what is kept; is made
    Screen& screen;
  };
  // All of `parts` must outlive this.
  explicit Auditor(Parts parts);

  // Exports to a folder of that name, after the position if one is given. The first export says by
  // which key it and all others are verified.
  bool Export(const std::string& name, const std::string& after = {});
  // A signed checkpoint.
  bool Keep(const std::string& name, const std::string& after = {});
  // The root log's key, by which an export's proof that it was published is checked from here on.
  bool KeepRoot(const std::string& name);
  // The receipt that an answer brought; or that of an entry, asked for.
  bool KeepReceipt(const std::string& name, const trail::v1::Receipt& receipt);
  bool AskReceipt(const std::string& name, uint64_t index);

  // By the export, the keys and those of the checkpoints and receipts that are named in `kept`.
  // Whether the verdict is that, and `says` among the words.
  bool Verify(const std::string& name, int verdict, const std::string& says,
              const std::vector<std::string>& kept = {});

  std::string In(const std::string& name) const { return parts_.folder + "/" + name; }

 private:
  Finished Ask(std::vector<std::string> words) const;
  bool Claim(const Finished& done, int exit_code, const std::string& text) const;

  const Parts parts_;
  const std::string company_;
  std::string key_;
  std::string receipts_key_;
  std::string root_key_;
  uint64_t size_ = 0;  // of the last export
};

}  // namespace jalon::demo
