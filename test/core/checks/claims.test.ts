/** Claims about what a call returns, held against what it really returned. */

import assert from "node:assert/strict";
import { checkReturnClaims, returnClaims } from "../../../src/core/checks/claims.js";
import { sameLiteral } from "../../../src/core/checks/literals.js";
import type { FunctionRun } from "../../../src/shared/workerProtocol.js";

function run(input: string, value: string, outcome: FunctionRun["outcome"] = "returned"): FunctionRun {
  return { input, outcome, value, printed: "", ms: 1 };
}

const TOOL = "QuickJS sandbox";

describe("claims about return values", () => {
  const cases: [text: string, input: string, value: string][] = [
    ["For example, sum([3, 4, 5]) returns 12.", "[3, 4, 5]", "12"],
    ["`sum([3, 4, 5])` returns `12`.", "[3, 4, 5]", "12"],
    ["sum([]) will return 0, always", "[]", "0"],
    ["sum([1]) = 1", "[1]", "1"],
    ["sum([1.5, -2]) => -0.5", "[1.5, -2]", "-0.5"],
    ['sum(["a)", "b"]) returned "0a)b"', '["a)", "b"]', '"0a)b"'],
    ["so sum(null) gives the value undefined", "null", "undefined"],
    ["sum([[1], [2]]) evaluates to [1, 2].", "[[1], [2]]", "[1, 2]"],
  ];
  for (const [text, input, value] of cases) {
    it(`are read in: ${text}`, () => {
      assert.deepEqual(
        returnClaims(text, "sum").map((claim) => [claim.input, claim.value]),
        [[input, value]],
      );
    });
  }

  it("are not read where no call or no value is named", () => {
    for (const text of [
      "It returns 12.",
      "sum returns 12",
      "sum([3, 4, 5]) returns the sum of the values",
      "checksum([3, 4, 5]) returns 12",
      "list.sum([3]) returns 3",
      "sum([3, 4",
      "sum([3, 4, 5]) returns 3 elements",
      "sum([3, 4, 5]) does not return 12",
      "sum([3, 4, 5]) is not 12",
    ]) {
      assert.deepEqual(returnClaims(text, "sum"), [], text);
    }
  });

  it("are verified or contradicted by the run of the same input, with the evidence", () => {
    const runs = [run("[3,4,5]", "12"), run("[]", "0")];
    const [right, wrong] = checkReturnClaims(
      "sum([3, 4, 5]) returns 12 and sum([]) returns undefined.",
      "sum",
      runs,
      TOOL,
    );
    assert.equal(right!.verdict, "verified");
    assert.match(right!.evidence, /sum\(\[3,4,5\]\) returned 12/);
    assert.equal(wrong!.verdict, "contradicted");
    assert.match(wrong!.evidence, /wrote undefined; sum\(\[\]\) returned 0/);
  });

  it("are left open for inputs that were not run or could not be read", () => {
    assert.deepEqual(checkReturnClaims("sum([9]) returns 9", "sum", [run("[3]", "3")], TOOL), []);
    assert.deepEqual(
      checkReturnClaims("sum([9]) returns 9", "sum", [run("[9]", "SyntaxError", "invalid-input")], TOOL),
      [],
    );
  });

  it("are contradicted by a call that threw", () => {
    const [claim] = checkReturnClaims(
      "sum(null) returns 0",
      "sum",
      [run("null", "TypeError: values is not iterable", "threw")],
      TOOL,
    );
    assert.equal(claim!.verdict, "contradicted");
    assert.match(claim!.evidence, /TypeError/);
  });

  it("compare values, not spelling", () => {
    assert.ok(sameLiteral("[1,  2]", "[1,2]"));
    assert.ok(sameLiteral("'a b'", '"a b"'));
    assert.ok(sameLiteral("12.0", "12"));
    assert.ok(!sameLiteral('"12"', "12"));
    assert.ok(!sameLiteral("-12", "12"));
    assert.ok(!sameLiteral("'a b'", "'ab'"));
    assert.ok(!sameLiteral("[1, 2]", "[2, 1]"));
  });
});
