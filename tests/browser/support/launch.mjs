// The installed Chromium, quiet and without the network services that it would start by itself.

import { execFileSync } from "node:child_process";

import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

function findBrowser() {
  const names = [process.env.PONKA_TEST_CHROMIUM, "chromium", "chromium-browser", "google-chrome"];
  for (const name of names.filter(Boolean)) {
    try {
      return execFileSync("/bin/sh", ["-c", 'command -v "$0"', name], { encoding: "utf8" }).trim();
    } catch {
      // The next one may be there.
    }
  }
  throw new Error("no browser: install chromium, or name one in PONKA_TEST_CHROMIUM");
}

/// A new browser; the caller closes it.
export const launch = (...flags) => chromium.launch({ executablePath: findBrowser(), args: [...FLAGS, ...flags] });
