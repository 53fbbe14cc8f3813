// Which Osaurus runs on this machine? The public functions: check the arguments, then ask the core.
//
// All files are loaded here and none later: an app that has run out of descriptors could not load it then.
'use strict'

const { abortable } = require('./js/abortable.js')
const { endpointsOf } = require('./js/endpoints.js')
const { unwrap } = require('./js/errors.js')
const { loadAddon } = require('./js/native.js')
const { DISCOVER, FOLDER, WAIT, WATCH, checkOptions } = require('./js/options.js')
const { waitForInstance } = require('./js/watch/wait.js')
const { InstanceWatcher } = require('./js/watch/watcher.js')

/** @type {typeof import('./js/addon.js')} */
const { CancelFlag, Core } = loadAddon(`${process.platform}-${process.arch}`, __dirname, require)

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
  const {
    baseDir,
    verify = false,
    legacyDirs = verify,
    probeTimeoutMs = PROBE_TIMEOUT_MS,
    signal,
  } = checkOptions(options, DISCOVER)
  const timeout = verify ? probeTimeoutMs : undefined
  const outcome = await abortable(signal, CancelFlag, (flag) =>
    core[question](baseDir, legacyDirs, timeout, flag),
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
  const { persistent = true, signal, ...discover } = checkOptions(options, WATCH)
  return /** @type {any} */ (new InstanceWatcher(opening(discover), { persistent, signal }))
}

/** @type {typeof import('./index.js').waitForRunningInstance} */
async function waitForRunningInstance(options) {
  const { timeoutMs = WAIT_MS, signal, ...discover } = checkOptions(options, WAIT)
  const { baseDir, verify = false, legacyDirs = verify, probeTimeoutMs = PROBE_TIMEOUT_MS } = discover
  // No server is asked for longer than the waiting may take; but 0 is one look, which takes what it takes.
  const longest = timeoutMs === 0 ? probeTimeoutMs : Math.max(1, Math.min(probeTimeoutMs, timeoutMs))
  const flag = new CancelFlag()
  return waitForInstance(
    {
      look: verify ? () => core.latest(baseDir, legacyDirs, longest, flag) : undefined,
      cancelLook: () => flag.cancel(),
      longest: verify && timeoutMs > 0 ? longest : Infinity,
      open: opening({ ...discover, probeTimeoutMs: longest }),
    },
    timeoutMs,
    signal,
  )
}

/**
 * @param {import('./index.js').DiscoverOptions} options
 * @returns {import('./js/watch/source.js').Open}
 */
function opening({ baseDir, verify = false, legacyDirs = verify, probeTimeoutMs = PROBE_TIMEOUT_MS }) {
  return (ring) => core.watch(baseDir, legacyDirs, verify ? probeTimeoutMs : undefined, ring)
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
