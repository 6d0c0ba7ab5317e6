/** What `mocha --reporter` loads: it wants the module itself to be the reporter. */

import { CountingReporter } from "./reporter.js";

module.exports = CountingReporter;
