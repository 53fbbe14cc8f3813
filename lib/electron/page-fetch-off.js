// Refuses the requests of pages where the app has not allowed them.
'use strict'

const { invalidState } = require('./errors.js')

const NOT_ALLOWED =
  'The app does not let its pages send requests to Osaurus: call registerOsaurus({ fetch: true }) in the main process'

/** @param {(event: import('./compat.js').IpcEvent) => Promise<void>} assertTrusted */
function refusePageFetch(assertTrusted) {
  /** @param {import('./compat.js').IpcEvent} event @returns {Promise<never>} */
  async function refuse(event) {
    await assertTrusted(event)
    throw invalidState(NOT_ALLOWED)
  }
  return { send: refuse, read: refuse, abort() {}, close() {} }
}

module.exports = { refusePageFetch }
