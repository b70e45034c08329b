// Which function answers a query. One line registers one, with the types of its messages:
//
//   void RegisterCatalogueQueries(Queries& queries) {
//     queries.Add<GetProgrammeRequest, GetProgrammeResponse>(Answer);
//   }
//
// One that spans schools takes a RegionContext, and is added by AddOfRegion.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

#include "jalon/option/v1/method.pb.h"
#include "services/api/queries/query.h"
#include "services/api/queries/region.h"

namespace jalon::api {

struct QueryMethod {
  using AnyAnswer =
      std::function<Result<void>(const google::protobuf::Message& request, const QueryContext&,
                                 google::protobuf::Message* response)>;
  using AnyRegionAnswer =
      std::function<Result<void>(const google::protobuf::Message& request, RegionContext&,
                                 google::protobuf::Message* response)>;

  std::string name = {};  // "jalon.progress.v1.ProgressService.GetStudentProgress"
  const option::v1::QueryOption* option = nullptr;      // of the method
  const google::protobuf::Message* request = nullptr;   // prototype
  const google::protobuf::Message* response = nullptr;  // prototype
  // One of the two is there.
  AnyAnswer answer = {};
  AnyRegionAnswer answer_of_region = {};

  bool SpansSchools() const { return answer_of_region != nullptr; }
  bool Allows(type::v1::Role role) const;
};

// Thread safety: immutable once built; then any thread.
class Queries {
 public:
  // REQUIRES: exactly one method of the request's file takes this request; it gives this response,
  // whose as_of is an AsOf, and has a query option.
  template <typename Request, typename Response>
  void Add(std::type_identity_t<Result<void> (*)(const Request&, const QueryContext&, Response*)>
               answer) {
    AddMethod(
        {.request = &Request::default_instance(),
         .response = &Response::default_instance(),
         .answer = [answer](const google::protobuf::Message& request, const QueryContext& context,
                            google::protobuf::Message* response) {
           return answer(static_cast<const Request&>(request), context,
                         static_cast<Response*>(response));
         }});
  }
  // REQUIRES: the same; as_of is a VectorAsOf, the request has a field `allow_partial`, and the
  // response a field `missing_partitions` (region.h).
  template <typename Request, typename Response>
  void AddOfRegion(
      std::type_identity_t<Result<void> (*)(const Request&, RegionContext&, Response*)> answer) {
    AddMethod(
        {.request = &Request::default_instance(),
         .response = &Response::default_instance(),
         .answer_of_region = [answer](const google::protobuf::Message& request,
                                      RegionContext& context, google::protobuf::Message* response) {
           return answer(static_cast<const Request&>(request), context,
                         static_cast<Response*>(response));
         }});
  }

  // By the method's full name, or by its request's type; null if there is none.
  const QueryMethod* Find(std::string_view method) const;
  const QueryMethod* FindByRequest(const google::protobuf::Descriptor* request) const;
  size_t size() const { return by_name_.size(); }

 private:
  // Of which the messages and the answer are there.
  void AddMethod(QueryMethod query);

  std::map<std::string, QueryMethod, std::less<>> by_name_;
};

// Every query of every service.
Queries AllQueries();

// The files of this folder, one line each.
void RegisterAttitudeTimeline(Queries& queries);
void RegisterExplainReason(Queries& queries);
void RegisterExportSubject(Queries& queries);
void RegisterExportTransfer(Queries& queries);
void RegisterGetErasure(Queries& queries);
void RegisterGetPolicy(Queries& queries);
void RegisterListAccess(Queries& queries);
void RegisterListGrants(Queries& queries);
void RegisterListMakeUps(Queries& queries);
void RegisterListSchools(Queries& queries);
void RegisterListStays(Queries& queries);
void RegisterProgrammeQueries(Queries& queries);
void RegisterProgressQueries(Queries& queries);
void RegisterSequenceQueries(Queries& queries);
void RegisterStartReadiness(Queries& queries);
void RegisterTrailQueries(Queries& queries);

}  // namespace jalon::api
