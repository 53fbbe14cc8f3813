// Which Osaurus runs on this machine? The public functions: check the arguments, then ask the core.
//
// All files are loaded here and none later: an app that has run out of descriptors could not load it then.
'use strict'

const { abortable } = require('./lib/abort.js')
const { endpointsOf } = require('./lib/endpoints.js')
const { unwrap } = require('./lib/errors.js')
const { loadAddon } = require('./lib/addon/load.js')
const { DISCOVER, FOLDER, WAIT, WATCH, checkOptions } = require('./lib/validate.js')
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

/** As long as a server on this machine needs if it is well, many times over. */
const PROBE_TIMEOUT_MS = 500

/** As long as a person waits for an app to start. */
const WAIT_MS = 30_000

/**
 * Asks the core off this thread.
 * @template T
 * @param {unknown} options
 * @param {'latest' | 'list' | 'inspect'} question
 * @returns {Promise<T>}
 */
async function ask(options, question) {
  const checked = checkOptions(options, DISCOVER)
  const [folder, legacyDirs, timeout] = lookingFor(checked)
  const outcome = await abortable(checked.signal, CancelToken, (flag) =>
    core[question](folder, legacyDirs, timeout, flag),
  )
  return /** @type {any} */ (unwrap(outcome))
}

/** @type {typeof import('./index.js').discoverLatestRunningInstance} */
function discoverLatestRunningInstance(options) {
  return ask(options, 'latest')
}

/** @type {typeof import('./index.js').discoverLatestRunningInstanceSync} */
function discoverLatestRunningInstanceSync(options) {
  const { baseDir, legacyDirs = false } = checkOptions(options, FOLDER)
  return unwrap(core.latestSync(baseDir, legacyDirs))
}

/** @type {typeof import('./index.js').listInstances} */
function listInstances(options) {
  return ask(options, 'list')
}

/** @type {typeof import('./index.js').listInstancesSync} */
function listInstancesSync(options) {
  const { baseDir, legacyDirs = false } = checkOptions(options, FOLDER)
  return unwrap(core.listSync(baseDir, legacyDirs))
}

/** @type {typeof import('./index.js').inspectRuntime} */
function inspectRuntime(options) {
  return ask(options, 'inspect')
}

/** @type {typeof import('./index.js').watchInstances} */
function watchInstances(options) {
  const { persistent = true, signal, ...where } = checkOptions(options, WATCH)
  const looking = lookingFor(where)
  return /** @type {any} */ (
    new InstanceWatcher((ring) => core.watch(...looking, ring), { persistent, signal })
  )
}

/** @type {typeof import('./index.js').waitForRunningInstance} */
async function waitForRunningInstance(options) {
  const { timeoutMs = WAIT_MS, signal, ...where } = checkOptions(options, WAIT)
  const { verify, probeTimeoutMs = PROBE_TIMEOUT_MS } = where
  // No server is asked for longer than the waiting may take; but 0 is one look, which takes what it takes.
  const longest = timeoutMs === 0 ? probeTimeoutMs : Math.max(1, Math.min(probeTimeoutMs, timeoutMs))
  const looking = lookingFor({ ...where, probeTimeoutMs: longest })
  const flag = new CancelToken()
  return waitForInstance(
    {
      look: verify ? () => core.latest(...looking, flag) : undefined,
      cancelLook: () => flag.cancel(),
      longest: verify && timeoutMs > 0 ? longest : Infinity,
      open: (ring) => core.watch(...looking, ring),
    },
    timeoutMs,
    signal,
  )
}

/**
 * Where the addon is to look, and for how long it may ask each server, if it is to ask at all.
 * @param {import('./index.js').DiscoverOptions} options checked
 * @returns {[folder: string | undefined, legacyDirs: boolean, probeTimeoutMs: number | undefined]}
 */
function lookingFor({ baseDir, verify = false, legacyDirs = verify, probeTimeoutMs = PROBE_TIMEOUT_MS }) {
  return [baseDir, legacyDirs, verify ? probeTimeoutMs : undefined]
}

module.exports = {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  endpointsOf,
  inspectRuntime,
  listInstances,
  listInstancesSync,
  waitForRunningInstance,
  watchInstances,
}
