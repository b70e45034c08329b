#include "services/cli/csv.h"

namespace jalon::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  }

  CsvFile Read() {
    while (!text_.empty()) {
      CsvRow row{.number = ++number_, .fields = {}};
      bool more = true;
      while (more) {
        row.fields.push_back(text_.starts_with('"') ? Quoted() : Bare());
        more = text_.starts_with(',');
        if (more) text_.remove_prefix(1);
      }
      EndLine();
      const bool blank = row.fields.size() == 1 && row.fields[0].empty();
      if (!blank) file_.rows.push_back(std::move(row));
    }
    return std::move(file_);
  }

 private:
  std::string Take(size_t bytes) {
    std::string taken(text_.substr(0, bytes));
    text_.remove_prefix(taken.size());
    return taken;
  }

  std::string Bare() {
    std::string field = Take(text_.find_first_of(",\r\n"));
    if (field.find('"') != std::string::npos) {
      Fault({"a quote inside a field that does not begin with one: put the whole field in quotes",
             "un guillemet dans un champ qui n'en a pas au début : mettez tout le champ entre "
             "guillemets"});
    }
    return field;
  }

  std::string Quoted() {
    std::string field;
    text_.remove_prefix(1);
    for (;;) {
      const size_t quote = text_.find('"');
      if (quote == std::string_view::npos) {
        Fault({"a quote is opened and never closed", "un guillemet ouvert n'est jamais fermé"});
        return field + Take(text_.size());
      }
      field += Take(quote);
      text_.remove_prefix(1);
      if (!text_.starts_with('"')) break;
      field += Take(1);  // doubled: one quote of the text
    }
    if (!text_.empty() && text_.find_first_of(",\r\n") != 0) {
      Fault({"text after the closing quote", "du texte suit le guillemet fermant"});
      field += Take(text_.find_first_of(",\r\n"));
    }
    return field;
  }

  void EndLine() {
    if (text_.starts_with('\r')) text_.remove_prefix(1);
    if (text_.starts_with('\n')) text_.remove_prefix(1);
  }

  void Fault(Words what) { file_.faults.push_back({number_, what}); }

  std::string_view text_;
  uint32_t number_ = 0;
  CsvFile file_;
};

}  // namespace

CsvFile ParseCsv(std::string_view text) { return Reader(text).Read(); }

}  // namespace jalon::cli
