/** Installs the Debian packages that the browser tests and the building of native parts need. */

import { existsSync } from "node:fs";
import { run } from "./process.js";

/** What each purpose needs: a file that shows that it is there, and the package that brings it. */
const needs = {
  browser: [
    { file: "/usr/bin/chromium", package: "chromium" },
    { file: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", package: "fonts-dejavu-core" },
  ],
  "code-server": [
    { file: "/usr/bin/g++", package: "g++" },
    { file: "/usr/bin/make", package: "make" },
    { file: "/usr/bin/python3", package: "python3" },
    { file: "/usr/bin/rg", package: "ripgrep" },
  ],
  // A device for Vulkan on the processor, so that what runs on graphics cards is tested without one.
  vulkan: [
    { file: "/usr/lib/x86_64-linux-gnu/libvulkan.so.1", package: "libvulkan1" },
    { file: "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", package: "mesa-vulkan-drivers" },
  ],
  "llama-server": [
    { file: "/usr/bin/g++", package: "g++" },
    { file: "/usr/bin/git", package: "git" },
  ],
} as const;

export type Purpose = keyof typeof needs;

/** Answers only when everything for these purposes is installed. @throws with the command to run where it may not. */
export async function ensureDebianPackages(purposes: Purpose[]): Promise<void> {
  const missing = purposes
    .flatMap((purpose) => [...needs[purpose]])
    .filter(({ file }) => !existsSync(file))
    .map((need) => need.package);
  if (missing.length === 0) return;
  const what = missing.join(" ");
  if (!existsSync("/usr/bin/apt-get")) {
    throw new Error(
      `These are missing on this machine: ${what}. They are Debian's names; install them with your system's package manager.`,
    );
  }
  const command = `apt-get update && apt-get install -y --no-install-recommends ${what}`;
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (prefix.length > 0 && (await run("sudo", ["-n", "true"]).catch(() => ({ code: 1 }))).code !== 0) {
    throw new Error(`These Debian packages are missing: ${what}. Run: sudo sh -c '${command}'`);
  }
  console.log(`Installing Debian packages: ${what} …`);
  const [program, ...args] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", command];
  const { code, output } = await run(program!, args);
  if (code !== 0) {
    const tail = output.trim().split("\n").slice(-15).join("\n");
    throw new Error(`${command} ended with code ${code}.\n${tail}`);
  }
}
