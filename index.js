'use strict'
// Which Osaurus runs on this machine? The public functions: check the arguments, then ask the core.

const { abortable } = require('./js/abortable.js')
const { endpointsOf } = require('./js/endpoints.js')
const { unwrap } = require('./js/errors.js')
const { loadAddon } = require('./js/native.js')
const { DISCOVER, FOLDER, checkOptions } = require('./js/options.js')

const { CancelFlag, Core } = loadAddon(`${process.platform}-${process.arch}`, __dirname, require)

const core = new Core(
  /** @returns {import('./index.js').OsaurusInstance} */
  (instanceId, updatedAt, address, port, url, exposeToNetwork) => ({
    instanceId,
    updatedAt,
    address,
    port,
    url,
    exposeToNetwork,
  }),
)

/** @type {typeof import('./index.js').discoverLatestRunningInstance} */
async function discoverLatestRunningInstance(options) {
  const { baseDir, legacyDirs = false, signal } = checkOptions(options, DISCOVER)
  return unwrap(await abortable(signal, CancelFlag, (flag) => core.latest(baseDir, legacyDirs, flag)))
}

/** @type {typeof import('./index.js').discoverLatestRunningInstanceSync} */
function discoverLatestRunningInstanceSync(options) {
  const { baseDir, legacyDirs = false } = checkOptions(options, FOLDER)
  return unwrap(core.latestSync(baseDir, legacyDirs))
}

/** @type {typeof import('./index.js').listInstances} */
async function listInstances(options) {
  const { baseDir, legacyDirs = false, signal } = checkOptions(options, DISCOVER)
  return unwrap(await abortable(signal, CancelFlag, (flag) => core.list(baseDir, legacyDirs, flag)))
}

/** @type {typeof import('./index.js').listInstancesSync} */
function listInstancesSync(options) {
  const { baseDir, legacyDirs = false } = checkOptions(options, FOLDER)
  return unwrap(core.listSync(baseDir, legacyDirs))
}

module.exports = {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  endpointsOf,
  listInstances,
  listInstancesSync,
}
