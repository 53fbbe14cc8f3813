// Exports the public functions: they validate their options and call the compiled core.
//
// Loads every file up front, which is one file once it is published. An app that has run out of file descriptors could not load
// one later.
'use strict'

const { abortable } = require('./lib/abort.js')
const { parseAccessKey } = require('./lib/access-key.js')
const { PROBE_TIMEOUT_MS, WAIT_TIMEOUT_MS, withDefaults } = require('./lib/defaults.js')
const { endpointsOf } = require('./lib/endpoints.js')
const { unwrap } = require('./lib/errors.js')
const { loadAddon } = require('./lib/addon/load.js')
const {
  DISCOVER_OPTIONS,
  INSPECT_OPTIONS,
  SYNC_OPTIONS,
  LAUNCH_OPTIONS,
  WAIT_OPTIONS,
  WATCH_OPTIONS,
  validateDiscoveryOptions,
} = require('./lib/validate.js')
const { waitForInstance } = require('./lib/wait.js')
const { InstanceWatcher } = require('./lib/watcher.js')

/** @type {typeof import('./lib/addon/addon.js')} */
const { CancelToken, Core } = loadAddon(
  `${process.platform}-${process.arch}`,
  // Not defined where a bundler put this file into an ES module.
  typeof __dirname === 'string' ? __dirname : undefined,
  require,
)

const core = new Core((instanceId, updatedAt, address, port, url, exposeToNetwork) => ({
  instanceId,
  updatedAt,
  address,
  port,
  url,
  exposeToNetwork,
}))

/**
 * Runs a method of the core on another thread.
 * @template T
 * @param {unknown} options
 * @param {'latest' | 'list' | 'inspect'} method
 * @returns {Promise<T>}
 */
async function discover(options, method) {
  const validated = validateDiscoveryOptions(
    options,
    method === 'inspect' ? INSPECT_OPTIONS : DISCOVER_OPTIONS,
  )
  const [baseDir, legacyDirs, probeTimeoutMs] = toNativeArgs(validated)
  const outcome = await abortable(validated.signal, CancelToken, (token) =>
    core[method](baseDir, legacyDirs, probeTimeoutMs, token, validated.accessKey),
  )
  return /** @type {any} */ (unwrap(outcome))
}

/** @type {typeof import('./index.js').discoverLatestRunningInstance} */
function discoverLatestRunningInstance(options) {
  return discover(options, 'latest')
}

/** @type {typeof import('./index.js').discoverLatestRunningInstanceSync} */
function discoverLatestRunningInstanceSync(options) {
  const { baseDir, legacyDirs } = withDefaults(validateDiscoveryOptions(options, SYNC_OPTIONS))
  return unwrap(core.latestSync(baseDir, legacyDirs))
}

/** @type {typeof import('./index.js').listInstances} */
function listInstances(options) {
  return discover(options, 'list')
}

/** @type {typeof import('./index.js').listInstancesSync} */
function listInstancesSync(options) {
  const { baseDir, legacyDirs } = withDefaults(validateDiscoveryOptions(options, SYNC_OPTIONS))
  return unwrap(core.listSync(baseDir, legacyDirs))
}

/** @type {typeof import('./index.js').inspectRuntime} */
function inspectRuntime(options) {
  return discover(options, 'inspect')
}

/** @type {typeof import('./index.js').watchInstances} */
function watchInstances(options) {
  const { persistent = true, signal, ...discovery } = validateDiscoveryOptions(options, WATCH_OPTIONS)
  const args = toNativeArgs(discovery)
  return /** @type {any} */ (
    new InstanceWatcher((notify) => core.watch(...args, notify), { persistent, signal })
  )
}

/** @type {typeof import('./index.js').waitForRunningInstance} */
async function waitForRunningInstance(options) {
  const validated = validateDiscoveryOptions(options, WAIT_OPTIONS)
  const { timeoutMs = WAIT_TIMEOUT_MS, signal, ...discovery } = validated
  const { verify, probeTimeoutMs = PROBE_TIMEOUT_MS } = discovery
  // A probe takes no longer than the wait. But a wait of 0 is one discovery, which takes as long as it needs.
  const maxProbeMs = timeoutMs === 0 ? probeTimeoutMs : Math.max(1, Math.min(probeTimeoutMs, timeoutMs))
  const args = toNativeArgs({ ...discovery, probeTimeoutMs: maxProbeMs })
  const token = new CancelToken()
  return waitForInstance(
    {
      discoverOnce: verify ? () => core.latest(...args, token) : undefined,
      cancelDiscovery: () => token.cancel(),
      maxProbeMs: verify && timeoutMs > 0 ? maxProbeMs : Infinity,
      openWatch: (notify) => core.watch(...args, notify),
    },
    timeoutMs,
    signal,
  )
}

/** @type {typeof import('./index.js').launchOsaurus} */
async function launchOsaurus(options) {
  // Loaded when it is first used: few apps start Osaurus, and what starts a program needs descriptors anyway.
  const { launch } = require('./lib/client/launch.js')
  return launch(validateDiscoveryOptions(options, LAUNCH_OPTIONS), {
    discover: discoverLatestRunningInstance,
    wait: waitForRunningInstance,
  })
}

/**
 * The arguments that all methods of the core share. Without a probe timeout the core does not verify.
 * @param {import('./index.js').DiscoverOptions} options validated
 * @returns {[baseDir: string | undefined, legacyDirs: boolean, probeTimeoutMs: number | undefined]}
 */
function toNativeArgs(options) {
  const { baseDir, verify, legacyDirs, probeTimeoutMs } = withDefaults(options)
  return [baseDir, legacyDirs, verify ? probeTimeoutMs : undefined]
}

module.exports = {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  endpointsOf,
  inspectRuntime,
  launchOsaurus,
  listInstances,
  listInstancesSync,
  parseAccessKey,
  waitForRunningInstance,
  watchInstances,
}
