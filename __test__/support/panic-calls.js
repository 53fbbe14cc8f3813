// Makes calls of every kind to a core that panics at a failpoint, in the processes of tests.
'use strict'

/**
 * Lets the core panic at a failpoint from now on, or at none.
 * @param {string} [failpoint]
 */
function panicAt(failpoint) {
  if (failpoint) process.env.OSAURUS_DISCOVERY_PANIC = failpoint
  else delete process.env.OSAURUS_DISCOVERY_PANIC
}

/**
 * Returns the discovery functions by name, each without parameters.
 * @param {typeof import('osaurus-discovery')} discovery
 * @param {string} baseDir
 * @param {boolean} verify
 * @returns {Record<string, () => unknown>}
 */
function callsOf(discovery, baseDir, verify) {
  const options = verify ? { baseDir, verify, probeTimeoutMs: 20_000 } : { baseDir }
  return {
    discoverLatestRunningInstance: () => discovery.discoverLatestRunningInstance(options),
    listInstances: () => discovery.listInstances(options),
    inspectRuntime: async () => (await discovery.inspectRuntime(options)).entries,
    discoverLatestRunningInstanceSync: () => discovery.discoverLatestRunningInstanceSync({ baseDir }),
    listInstancesSync: () => discovery.listInstancesSync({ baseDir }),
  }
}

/**
 * Returns how many instances or entries a call found, or what its error says.
 * @param {() => unknown} call
 * @returns {Promise<number | { isError: boolean, code: string, message: string }>}
 */
async function outcomeOf(call) {
  try {
    return [await call()].flat().length
  } catch (thrown) {
    const error = /** @type {Error & { code: string }} */ (thrown)
    return { isError: error instanceof Error, code: error.code, message: error.message }
  }
}

module.exports = { callsOf, outcomeOf, panicAt }
