#include "projections/views/all_views.h"

#include <google/protobuf/descriptor.h>

#include "jalon/event/v1/event_body.pb.h"
#include "projections/views/attitudes.h"
#include "projections/views/companies.h"
#include "projections/views/erasures.h"
#include "projections/views/grants.h"
#include "projections/views/make_ups.h"
#include "projections/views/person_records.h"
#include "projections/views/receipts.h"
#include "projections/views/root_log.h"
#include "projections/views/school_catalogue.h"
#include "projections/views/stays.h"
#include "projections/views/student_progress.h"
#include "projections/views/trails.h"

namespace jalon::projections {
namespace {

// The types of the registry. That those of the system partition stay there, the writers see to.
EventTypes KnownTypes() {
  EventTypes known;
  const auto* registry = event::v1::EventBody::descriptor();
  for (int i = 0; i < registry->field_count(); ++i) {
    known.set(static_cast<size_t>(registry->field(i)->number()));
  }
  return known;
}

std::vector<std::unique_ptr<const View>> Make(std::string_view deployment) {
  std::vector<std::unique_ptr<const View>> views;
  views.push_back(MakeStudentProgress());
  views.push_back(MakeSchoolCatalogue());
  views.push_back(MakeCompanies());
  views.push_back(MakeStays());
  views.push_back(MakeMakeUps());
  views.push_back(MakeAttitudes());
  views.push_back(MakeGrants());
  views.push_back(MakeTrails());
  views.push_back(MakeErasures());
  views.push_back(MakePersonRecords());
  views.push_back(MakeReceipts(deployment));
  views.push_back(MakeRootLog());
  return views;
}

}  // namespace

std::unique_ptr<const ViewSet> MakeAllViews(std::string_view deployment) {
  return std::make_unique<const ViewSet>(Make(deployment), KnownTypes());
}

std::unique_ptr<const ViewSet> MakeOneView(std::string_view name, std::string_view deployment) {
  auto views = Make(deployment);
  std::erase_if(views, [&](const auto& view) { return view->Name() != name; });
  return std::make_unique<const ViewSet>(std::move(views), KnownTypes());
}

std::unique_ptr<const ViewSet> MakeViewsWithoutTrails(std::string_view deployment) {
  auto views = Make(deployment);
  std::erase_if(views, [](const auto& view) {
    return view->Name() == kTrails || view->Name() == kReceipts || view->Name() == kRootLog;
  });
  return std::make_unique<const ViewSet>(std::move(views), KnownTypes());
}

}  // namespace jalon::projections
