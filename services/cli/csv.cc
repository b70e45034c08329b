#include "services/cli/csv.h"

namespace jalon::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kUtf16Marks[] = {"\xff\xfe", "\xfe\xff"};

// By its mark, or by the zero bytes that every Latin letter has in it.
bool IsUtf16(std::string_view text) {
  return text.starts_with(kUtf16Marks[0]) || text.starts_with(kUtf16Marks[1]) ||
         text.find('\0') != text.npos;
}

// The one that the first line has more of, outside of quotes.
char SeparatorOf(std::string_view text) {
  int commas = 0;
  int semicolons = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    commas += c == ',' ? 1 : 0;
    semicolons += c == ';' ? 1 : 0;
  }
  return semicolons > commas ? ';' : ',';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    file_.separator = SeparatorOf(text_);
    ends_[0] = file_.separator;
  }

  CsvFile Read() {
    if (IsUtf16(text_)) {
      Fault({"the file is in UTF-16: save it as CSV in UTF-8 (\"CSV UTF-8\" in Excel)",
             "le fichier est en UTF-16 : enregistrez-le en CSV UTF-8 (« CSV UTF-8 » dans Excel)"});
      return std::move(file_);
    }
    while (!text_.empty()) {
      CsvRow row{.number = ++number_, .fields = {}};
      bool more = true;
      while (more) {
        row.fields.push_back(text_.starts_with('"') ? Quoted() : Bare());
        more = text_.starts_with(file_.separator);
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
    std::string field = Take(text_.find_first_of(ends_));
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
    if (!text_.empty() && text_.find_first_of(ends_) != 0) {
      Fault({"text after the closing quote", "du texte suit le guillemet fermant"});
      field += Take(text_.find_first_of(ends_));
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
  std::string ends_ = ",\r\n";  // what a field ends before
  CsvFile file_;
};

}  // namespace

CsvFile ParseCsv(std::string_view text) { return Reader(text).Read(); }

}  // namespace jalon::cli
