// Defines the defaults, limits and sets of codes and methods that the entry points share.
'use strict'

/** How long a server may take to answer. A healthy server on this machine needs a small fraction of it. */
const PROBE_TIMEOUT_MS = 500

/** How long a server on another machine may take to answer. It may have to wake up, and its network may be wireless. */
const REMOTE_PROBE_TIMEOUT_MS = 2000

/** The least and the most that `probeTimeoutMs` accepts. */
const PROBE_TIMEOUT_RANGE_MS = /** @type {const} */ ([1, 60_000])

/** How long `waitForRunningInstance` waits: about as long as a person waits for an app to start. */
const WAIT_TIMEOUT_MS = 30_000

/** How long `launchOsaurus` waits: a cold start loads the app from disk. */
const LAUNCH_TIMEOUT_MS = 60_000

/** How long `listNetworkInstances` listens: multicast DNS repeats a query after one second, in case a packet was lost. */
const NETWORK_TIMEOUT_MS = 2000

/** The longest time that timers accept, about 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The largest body of a request that Osaurus accepts. */
const MAX_REQUEST_BYTES = 32 * 2 ** 20

/** Methods that the standard `fetch` refuses. */
const FORBIDDEN_METHODS = /** @type {ReadonlySet<string>} */ (new Set(['CONNECT', 'TRACE', 'TRACK']))

/** The codes that mean "no Osaurus is running", as opposed to "discovery failed". */
const NOT_RUNNING_CODES = /** @type {ReadonlySet<string>} */ (
  new Set(['OSAURUS_NOT_FOUND', 'OSAURUS_STARTING', 'OSAURUS_NOT_RESPONDING'])
)

/** @typedef {{ baseDir: string | undefined, verify: boolean, legacyDirs: boolean, probeTimeoutMs: number }} Discovery */

/**
 * Fills in the defaults of the options that say where to search and whether to verify.
 * @param {import('../index.js').DiscoverOptions} options validated
 * @returns {Discovery}
 */
function withDefaults({
  baseDir,
  verify = false,
  // Older directories hold leftovers that only a probe can tell from running servers.
  legacyDirs = verify,
  probeTimeoutMs = PROBE_TIMEOUT_MS,
}) {
  return { baseDir, verify, legacyDirs, probeTimeoutMs }
}

module.exports = {
  FORBIDDEN_METHODS,
  LAUNCH_TIMEOUT_MS,
  MAX_REQUEST_BYTES,
  MAX_TIMER_MS,
  NETWORK_TIMEOUT_MS,
  NOT_RUNNING_CODES,
  PROBE_TIMEOUT_MS,
  PROBE_TIMEOUT_RANGE_MS,
  REMOTE_PROBE_TIMEOUT_MS,
  WAIT_TIMEOUT_MS,
  withDefaults,
}
