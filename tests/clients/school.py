"""A school with one stay, made through the server: what the tests of this folder ask about."""

import datetime
import zoneinfo

from jalon_client import school_id


def today(days=0):
    """A local date, as every date of Jalon is: in America/Toronto, yyyymmdd."""
    now = datetime.datetime.now(zoneinfo.ZoneInfo("America/Toronto"))
    return int((now + datetime.timedelta(days=days)).strftime("%Y%m%d"))


class School:
    """A school with one stay of 40 activities, started; and, where asked for, its people."""

    def __init__(self, server, client, code, **placed):
        self.server, self.client, self.code = server, client, code
        self.id = school_id(code)
        region = server.token("REG")
        self.do("school.v1.SchoolService/RegisterSchool", {"code": code, "name": code, **placed},
                region)
        self.coordinator = server.token("COO", self.id, b"coordina")
        self.ids = {}  # of what this school has, by kind

    def do(self, path, command, token=None):
        answer = self.client.command("jalon." + path, command, token or self.coordinator)
        if not answer.ok:
            raise AssertionError(f"{path}: {answer.reason} {answer.message}")
        if answer.response.result.refused_rows:
            raise AssertionError(f"{path}: {answer.response.result.refused_rows}")
        return answer.response.result

    def created(self, result, kind=None):
        rows = [row for row in result.created if kind is None or row.kind == kind]
        return rows[0]

    def start_stay(self, activities=40):
        programme = {"code": "5830", "language": "en", "version": "t"}
        module = {"code": "850-568", "statement": "Brakes", "hours": 120, "units": 8}
        self.do(
            "catalogue.v1.CatalogueService/AdoptProgramme",
            {
                "programme": {
                    "ref": programme,
                    "title": "Mechanics",
                    "type": "PROGRAMME_TYPE_DEP",
                    "declared_hours": 120,
                    "elements": "ELEMENTS_KNOWN_NONE",
                    "modules": [module],
                }
            },
        )
        sequence = self.design(programme, activities)
        company = self.created(self.do("company.v1.CompanyService/RegisterHostCompany",
                                       {"name": "Garage", "site": "1, rue A"})).id
        student = self.created(self.do(
            "roster.v1.RosterService/EnrolStudents",
            {"rows": [{"identity": {"clear": {"external_id": "E1", "family_name": "Roy",
                                              "given_name": "Ada", "born_on": 20050101}},
                       "programme": programme, "in_alternance": True}]})).person_id
        self.do("placement.v1.PlacementService/AssignSequence",
                {"sequence_id": sequence, "rows": [{"student_id": student}]})
        stay = self.created(self.do(
            "placement.v1.PlacementService/ScheduleStays",
            {"rows": [{"student_id": student, "sequence_id": sequence, "company_id": company,
                       "starts_on": today(), "ends_on": today(30)}]})).id
        self.ids = {"student": student, "stay": stay, "company": company, "sequence": sequence}
        reason = {"clear": {"text": "The student is there already."}}
        self.do("stay.v1.StayService/StartStay",
                {"stay_id": stay, "started_on": today(), "deviation_reason": reason})
        return stay

    def hire(self):
        """A teacher, and of the company a tutor and a signatory: their ids, and tokens by role. The
        stay is theirs, another one is planned, and something was observed and found lacking."""
        ids, today_ = self.ids, today()
        self.tokens = {"COO": self.coordinator, "REG": self.server.token("REG")}
        for name, role, code in (("teacher", "ROLE_TEACHER", "TEA"),
                                 ("tutor", "ROLE_WORKPLACE_TUTOR", "TUT"),
                                 ("signatory", "ROLE_COMPANY_SIGNATORY", "SIG")):
            company = b"" if name == "teacher" else ids["company"]
            scope = {"company_id": company} if company else {"whole_school": True}
            identity = {"family_name": "Roy", "given_name": name}
            granted = self.created(self.do(
                "school.v1.AccessService/GrantAccess",
                {"identity": {"clear": identity}, "role": role, "scope": scope}))
            ids[name], ids["grant"] = granted.person_id, granted.id
            self.tokens[code] = self.server.token(code, self.id, ids[name], company)
        stay = [{"stay_id": ids["stay"]}]
        self.do("placement.v1.PlacementService/AssignTutor",
                {"tutor_id": ids["tutor"], "from_on": today_, "rows": stay})
        self.do("placement.v1.PlacementService/AssignSchoolSupervisor",
                {"supervisor_id": ids["teacher"], "from_on": today_, "rows": stay})
        ids["planned stay"] = self.created(self.do(
            "placement.v1.PlacementService/ScheduleStays",
            {"rows": [{"student_id": ids["student"], "sequence_id": ids["sequence"],
                       "company_id": ids["company"], "starts_on": today(40),
                       "ends_on": today(60)}]})).id
        self.do("feedback.v1.FeedbackService/ObserveAttitude",
                {"stay_id": ids["stay"], "observed_on": today_,
                 "words": {"clear": {"text": "On time."}}}, self.tokens["TUT"])
        self.do("company.v1.CompanyService/ReportResourceGap",
                {"company_id": ids["company"], "sequence_id": ids["sequence"],
                 "report": {"kind": "RESOURCE_KIND_MATERIAL", "activities": ["a1"],
                            "description": "No bench."}})

    def design(self, programme, activities):
        sequence = self.created(self.do(
            "catalogue.v1.CatalogueService/DesignSequence",
            {
                "programme": programme,
                "type": "SEQUENCE_TYPE_DEVELOPMENT",
                "code": "FREINS",
                "title": "Brakes",
                "targets": [{"module": "850-568", "mode": "DEVELOPMENT_MODE_PARTIAL",
                             "complement": {"description": "The rest at school."}}],
                "objectives": [{"code": "o1", "module": "850-568", "wording": "Brake"}],
                "rationale": {"needs": "n", "interest": "i", "capacity": "c"},
            })).id
        self.do("catalogue.v1.CatalogueService/DefineActivities",
                {"sequence_id": sequence,
                 "activities": [{"code": f"a{i}", "wording": "Do it", "objectives": ["o1"],
                                 "expected_result": "Done", "planned_minutes": 60}
                                for i in range(1, activities + 1)]})
        self.do("catalogue.v1.CatalogueService/PublishSequence", {"sequence_id": sequence})
        return sequence
