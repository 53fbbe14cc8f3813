// Starts Osaurus for pages, if the app has allowed it.
'use strict'

const { osaurusError } = require('../errors.js')
const { invalidState } = require('./errors.js')

/** @typedef {import('../../index.js').OsaurusInstance} OsaurusInstance */

/**
 * @param {Pick<typeof import('../../index.js'), 'launchOsaurus'>} discovery
 * @param {NonNullable<import('../../electron.js').RegisterOptions['discover']>} discover
 * @param {boolean} isAllowed by the app's option `launch`
 */
function createLauncher(discovery, { baseDir, legacyDirs, probeTimeoutMs }, isAllowed) {
  const cancel = new CancelSignal()

  return {
    /** @returns {Promise<OsaurusInstance>} */
    async launch() {
      if (!isAllowed) throw invalidState(NOT_ALLOWED)
      const signal = /** @type {any} */ (cancel)
      try {
        return await discovery.launchOsaurus({ baseDir, legacyDirs, probeTimeoutMs, signal })
      } catch (error) {
        throw toErrorForPage(error)
      }
    },

    /** Stops waiting. An app that was opened stays open. */
    close() {
      cancel.abort()
    },
  }
}

const NOT_ALLOWED =
  'The app does not allow its pages to start Osaurus: call registerOsaurus({ launch: true }) in the main process'

/** @param {any} error */
function toErrorForPage(error) {
  if (error.code !== 'OSAURUS_TIMEOUT') return error
  // A page cannot pass a longer timeout, so the message does not advise it.
  return osaurusError(
    'OSAURUS_TIMEOUT',
    'Osaurus was opened, but its server is not running yet. Click the Osaurus icon in the menu bar and start the server there',
  )
}

/** Aborts calls as an AbortSignal does, which Electron 9 does not have. */
class CancelSignal {
  constructor() {
    this.aborted = false
    this.reason = undefined
    /** @type {Set<() => void>} */
    this.listeners = new Set()
  }

  /** @param {'abort'} _type @param {() => void} listener */
  addEventListener(_type, listener) {
    this.listeners.add(listener)
  }

  /** @param {'abort'} _type @param {() => void} listener */
  removeEventListener(_type, listener) {
    this.listeners.delete(listener)
  }

  abort() {
    this.aborted = true
    for (const listener of [...this.listeners]) listener()
  }
}

module.exports = { createLauncher }
