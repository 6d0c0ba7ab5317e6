/** What `npm audit --json` has found, held against our answers: which findings are answered, which are not. */

/** A finding that has been looked into. Only what names both, the advisory and the package, is answered. */
export interface AuditAnswer {
  /** The advisory's address, as npm names it: "https://github.com/advisories/GHSA-…". */
  advisory: string;
  package: string;
  /** Why it does not concern what we publish, or what holds it off until there is a release that mends it. */
  answer: string;
  /** The day on which somebody looked: "2026-11-22". */
  date: string;
}

export interface AuditFinding {
  advisory: string;
  package: string;
  title: string;
  severity: string;
  /** Versions that are concerned, as npm writes ranges. */
  range: string;
}

export interface AuditReport {
  answered: { finding: AuditFinding; answer: AuditAnswer }[];
  unanswered: AuditFinding[];
  /** Answers that no finding asks for any more. */
  needless: AuditAnswer[];
}

/** One place of a finding in npm's report; names of other packages stand for findings of theirs. */
type Via = string | { name: string; title: string; url: string; severity: string; range: string };

interface NpmReport {
  vulnerabilities?: Record<string, { via: Via[] }>;
  /** Where the registry would not say: what npm met. */
  message?: string;
}

/** @throws Error where the report says nothing, as when a registry serves no advisories: that is not "no findings". */
export function auditReport(json: string, answers: readonly AuditAnswer[]): AuditReport {
  const report = JSON.parse(json) as NpmReport;
  if (!report.vulnerabilities) {
    throw new Error(
      `The registry gave no advisories: ${report.message ?? "npm's report has no findings in it"}. ` +
        "Nothing is known either way. Run this where npm reaches a registry that serves them.",
    );
  }
  const findings = new Map<string, AuditFinding>();
  for (const { via } of Object.values(report.vulnerabilities)) {
    for (const each of via) {
      if (typeof each === "string") continue;
      const { name, title, url, severity, range } = each;
      findings.set(`${url} ${name}`, { advisory: url, package: name, title, severity, range });
    }
  }
  const answerOf = (finding: AuditFinding) =>
    answers.find((answer) => answer.advisory === finding.advisory && answer.package === finding.package);
  const all = [...findings.values()];
  return {
    answered: all.flatMap((finding) => {
      const answer = answerOf(finding);
      return answer ? [{ finding, answer }] : [];
    }),
    unanswered: all.filter((finding) => !answerOf(finding)),
    needless: answers.filter((answer) => !all.some((finding) => answerOf(finding) === answer)),
  };
}
