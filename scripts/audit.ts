/**
 * `npm run audit`: asks the registry for advisories on everything that is published, and answers each from
 * .github/audit.json. Ends with 0 where every finding is answered, with 1 where one is not, with 2 where the registry
 * does not say.
 */

import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AuditAnswer, type AuditReport, auditReport } from "./auditReport.js";

const ANSWERS = ".github/audit.json";

export async function main(): Promise<number> {
  const answers = JSON.parse(await readFile(join(process.cwd(), ANSWERS), "utf8")) as AuditAnswer[];
  // npm ends with 1 both for findings and for a registry that refuses: its report tells which.
  const { stdout, error } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
    encoding: "utf8",
    shell: process.platform === "win32",
    maxBuffer: 64 * 2 ** 20,
  });
  if (error) throw error;
  let report: AuditReport;
  try {
    report = auditReport(stdout, answers);
  } catch (refused) {
    console.error(refused instanceof Error ? refused.message : String(refused));
    return 2;
  }
  for (const { finding, answer } of report.answered) {
    console.log(`  ✔ ${finding.package}: ${finding.title} (${finding.severity}, ${finding.advisory})`);
    console.log(`    answered ${answer.date}: ${answer.answer}`);
  }
  for (const { package: name, title, severity, range, advisory } of report.unanswered) {
    console.log(`  ✖ ${name} ${range}: ${title} (${severity}, ${advisory}) has no answer in ${ANSWERS}`);
  }
  for (const answer of report.needless) {
    console.log(`  An answer is needed no more: ${answer.package}, ${answer.advisory}`);
  }
  const { answered, unanswered } = report;
  console.log(`${answered.length + unanswered.length} findings, ${unanswered.length} of them unanswered`);
  return unanswered.length === 0 ? 0 : 1;
}
