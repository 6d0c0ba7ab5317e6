/** Which packages bring GPU support, where they are fetched from, and what a machine says of its cards. */

import assert from "node:assert/strict";
import { dependencies } from "../../../package.json";
import { PLATFORM_PACKAGES } from "../../../scripts/platformBinaries.js";
import {
  FETCHED_GPU_KINDS,
  GPU_PACKAGES,
  GPU_SUPPORT_VERSION,
  gpuSupport,
  registryOf,
  tarballUrl,
  weightOf,
} from "../../../src/core/models/gpuSupport.js";
import { errorLine } from "../../../src/workers/model/gpuSupport.js";
import { adapterNames } from "../../../src/workers/model/graphicsCards.js";

describe("packages for graphics cards", () => {
  it("are of the very version of the engine", () => {
    assert.equal(
      GPU_SUPPORT_VERSION,
      dependencies["node-llama-cpp"],
      "Run node scripts/run.mjs gpuPackages: the engine has another version.",
    );
  });

  it("are there for Linux and Windows on x64, and nowhere else", () => {
    const served = ["linux", "win32", "darwin"].flatMap((platform) =>
      ["x64", "arm64"].flatMap((arch) =>
        FETCHED_GPU_KINDS.filter((kind) => gpuSupport(kind, platform, arch)).map(
          (kind) => `${platform}-${arch}-${kind}`,
        ),
      ),
    );
    assert.deepEqual(served, ["linux-x64-cuda", "linux-x64-vulkan", "win32-x64-cuda", "win32-x64-vulkan"]);
  });

  it("are pinned each, and none of them is in the package that is published", () => {
    const shipped = Object.values(PLATFORM_PACKAGES);
    for (const name of GPU_PACKAGES) assert.ok(!shipped.includes(name), name);
    for (const platform of ["linux", "win32"]) {
      for (const kind of FETCHED_GPU_KINDS) {
        const support = gpuSupport(kind, platform, "x64")!;
        for (const { sha256 } of support.packages) assert.match(sha256, /^[0-9a-f]{64}$/);
        const { packedBytes, unpackedBytes } = weightOf(support);
        assert.ok(packedBytes > 20e6 && unpackedBytes > 2 * packedBytes * 0.8, `${platform} ${kind}`);
        // The one that the engine looks for first is put in place last.
        assert.doesNotMatch(support.packages.at(-1)!.name, /-ext$/);
      }
    }
  });
});

describe("registry of packages", () => {
  const registry = (npmrc: string, environment = {}) => registryOf(environment, npmrc);

  it("is the public one unless the machine names another", () => {
    assert.equal(registry(""), "https://registry.npmjs.org/");
    assert.equal(
      registry("; registry=https://comment.example/\nregistry = https://npm.example/a/\n"),
      "https://npm.example/a/",
    );
    assert.equal(registry('registry="https://quoted.example"'), "https://quoted.example");
    assert.equal(registry("registry=https://a.example\nregistry=https://b.example"), "https://b.example");
  });

  it("is that of the scope first, then of the environment, then of the file", () => {
    const file = "registry=https://file.example/";
    const scoped = `${file}\n@node-llama-cpp:registry=https://scope.example/\n`;
    const environment = { npm_config_registry: "https://environment.example/" };
    assert.equal(registry(file, environment), "https://environment.example/");
    assert.equal(registry(scoped, environment), "https://scope.example/");
    assert.equal(registry("@other:registry=https://other.example/"), "https://registry.npmjs.org/");
  });

  it("is never anything but an address", () => {
    for (const value of ["file:///etc", "$HOME", `https://$${"{HOST}"}/`, "javascript:x", ""]) {
      assert.equal(registry(`registry=${value}`), "https://registry.npmjs.org/", value);
    }
  });

  it("keeps what stands behind the host", () => {
    const tarball = { name: "@node-llama-cpp/linux-x64-vulkan", version: "3.21.1" };
    assert.equal(
      tarballUrl("https://npm.example/api/npm/all/", tarball),
      "https://npm.example/api/npm/all/@node-llama-cpp/linux-x64-vulkan/-/linux-x64-vulkan-3.21.1.tgz",
    );
  });
});

describe("graphics cards by what the system says", () => {
  it("reads Windows's display adapters, without those that only draw", () => {
    const key =
      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}";
    const output = [
      "",
      `${key}\\0000`,
      "    DriverDesc    REG_SZ    NVIDIA GeForce RTX 4070",
      "",
      `${key}\\0001`,
      "    DriverDesc    REG_SZ    Microsoft Basic Display Adapter",
      `${key}\\0002`,
      "    DriverDesc    REG_SZ    Intel(R) UHD Graphics 770",
      `${key}\\0003`,
      "    DriverDesc    REG_SZ    NVIDIA GeForce RTX 4070",
      "",
      "End of search: 4 match(es) found.",
    ].join("\r\n");
    assert.deepEqual(adapterNames(output), ["NVIDIA GeForce RTX 4070", "Intel(R) UHD Graphics 770"]);
    assert.deepEqual(adapterNames(""), []);
  });

  it("finds what a driver complains of in what Node prints", () => {
    const printed = [
      "node:internal/modules/cjs/loader:1595",
      "  return process.dlopen(module, path.toNamespacedPath(filename));",
      "Error: libvulkan.so.1: cannot open shared object file: No such file or directory",
      "    at Module._extensions..node (node:internal/modules/cjs/loader:1595:18)",
    ].join("\n");
    assert.equal(
      errorLine(printed),
      "libvulkan.so.1: cannot open shared object file: No such file or directory",
    );
    assert.equal(errorLine("load_backend: loaded"), undefined);
  });
});
