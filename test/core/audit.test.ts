/** What npm's audit says, and what is made of it; and what SECURITY.md says of each package that is published. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type AuditAnswer, auditReport } from "../../scripts/auditReport.js";

/** As npm 11 writes it, shortened to what is read. */
const REPORT = JSON.stringify({
  auditReportVersion: 2,
  vulnerabilities: {
    braces: {
      name: "braces",
      severity: "high",
      via: [
        {
          source: 1098094,
          name: "braces",
          title: "Uncontrolled resource consumption in braces",
          url: "https://github.com/advisories/GHSA-grv7-fg5c-xmjg",
          severity: "high",
          range: "<3.0.3",
        },
      ],
    },
    // Concerned only through the other one.
    micromatch: { name: "micromatch", severity: "high", via: ["braces"] },
  },
});
const ANSWER: AuditAnswer = {
  advisory: "https://github.com/advisories/GHSA-grv7-fg5c-xmjg",
  package: "braces",
  answer: "Patterns come from our own code only.",
  date: "2026-01-02",
};

describe("the audit of packages", () => {
  it("fails for a finding without an answer, once however many packages it reaches", () => {
    const { unanswered, answered } = auditReport(REPORT, []);
    assert.deepEqual(
      unanswered.map(({ package: name, severity, range }) => [name, severity, range]),
      [["braces", "high", "<3.0.3"]],
    );
    assert.equal(answered.length, 0);
  });

  it("takes an answer for its own advisory and package alone", () => {
    assert.deepEqual(
      auditReport(REPORT, [ANSWER]).answered.map(({ answer }) => answer),
      [ANSWER],
    );
    const other = { ...ANSWER, package: "micromatch" };
    const { unanswered, needless } = auditReport(REPORT, [other]);
    assert.equal(unanswered.length, 1);
    assert.deepEqual(needless, [other]);
  });

  it("does not take a registry that refuses for one that has found nothing", () => {
    const refused = JSON.stringify({ message: "405 Method Not Allowed - POST", statusCode: 405 });
    assert.throws(() => auditReport(refused, []), /gave no advisories: 405 Method Not Allowed/);
    assert.equal(auditReport(JSON.stringify({ vulnerabilities: {} }), []).unanswered.length, 0);
  });

  it("has answers with a reason and a day", () => {
    for (const { advisory, package: name, answer, date } of JSON.parse(
      readFileSync(".github/audit.json", "utf8"),
    ) as AuditAnswer[]) {
      assert.match(advisory, /^https:\/\//);
      assert.ok(name !== "" && answer.length > 20);
      assert.match(date, /^\d{4}-\d\d-\d\d$/);
    }
  });

  it("finds in SECURITY.md every package that is published, with what it is given", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
      dependencies: Record<string, string>;
    };
    const [, section = ""] = readFileSync(".github/SECURITY.md", "utf8").split("## Packages of others");
    const rows = [...section.matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm)];
    assert.deepEqual(rows.map(([, name]) => name).sort(), Object.keys(dependencies).sort());
  });
});
