/** Holds the list of packages in CONTRIBUTING.md against package.json and against what the packages say. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

describe("packages that we build on", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
  const rows = [
    ...readFileSync(".github/CONTRIBUTING.md", "utf8").matchAll(/^\| (`.*`) \| (.*) \| (.*) \|$/gm),
  ];
  const listed = rows.flatMap(([, names = "", why = "", licence = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => ({ name, why, licence })),
  );

  it("are each listed with a reason", () => {
    const used = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    assert.deepEqual(listed.map(({ name }) => name).sort(), used.sort());
    assert.deepEqual(
      listed.filter(({ why }) => why.trim() === ""),
      [],
    );
  });

  it("come under the licence that is listed", () => {
    const stated = listed.map(({ name, licence }) => ({ name, licence }));
    const found = listed.map(({ name }) => {
      const of = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { license: string };
      return { name, licence: of.license };
    });
    assert.deepEqual(stated, found);
  });

  it("are pinned", () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    assert.deepEqual(
      versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
      [],
    );
  });
});
