// Registers the handlers of a registration's channels, and removes them again.
'use strict'

const { alreadyRegistered, toFetchError, toPageError, toPageRejection } = require('./errors.js')

/**
 * @typedef {import('electron').IpcMainInvokeEvent} IpcMainInvokeEvent
 * @typedef {(event: IpcMainInvokeEvent, ...args: unknown[]) => Promise<unknown>} Handler
 */

/** @param {import('electron').IpcMain} ipcMain */
function createChannels(ipcMain) {
  /** @type {Array<() => void>} */
  const removals = []

  /** @param {string} channel @param {Handler} handler */
  function add(channel, handler) {
    try {
      ipcMain.handle(channel, handler)
    } catch (error) {
      const message = `The channel ${channel} already has a handler: remove the app's own, or register only once`
      throw alreadyRegistered(message, /** @type {Error} */ (error))
    }
    removals.push(() => ipcMain.removeHandler(channel))
  }

  /** @param {string} channel @param {Handler} handler @param {(error: unknown) => object} toError */
  function addForPreload(channel, handler, toError) {
    add(channel, (event, ...args) =>
      handler(event, ...args).then(
        (value) => ({ value, error: null }),
        (error) => ({ value: null, error: toError(error) }),
      ),
    )
  }

  return {
    /**
     * For preload scripts that an app wrote after Osaurus' guide: a plain result, or a rejection.
     * @param {string} channel
     * @param {Handler} handler
     */
    handleForGuide(channel, handler) {
      add(channel, (event, ...args) =>
        handler(event, ...args).catch((error) => Promise.reject(toPageRejection(error))),
      )
    },

    /**
     * For our own preload script: failures are data, because Electron wraps the message of a rejection in words of its own.
     * @param {string} channel
     * @param {Handler} handler
     */
    handleForPreload(channel, handler) {
      addForPreload(channel, handler, toPageError)
    },

    /**
     * For window.osaurus.fetch: failures are data from which the page creates errors that have a `code`.
     * @param {string} channel
     * @param {Handler} handler
     */
    handleForFetch(channel, handler) {
      addForPreload(channel, handler, toFetchError)
    },

    /**
     * @param {string} channel
     * @param {(event: import('electron').IpcMainEvent, ...args: unknown[]) => void} listener
     */
    on(channel, listener) {
      ipcMain.on(channel, listener)
      removals.push(() => ipcMain.removeListener(channel, listener))
    },

    removeAll() {
      for (const remove of removals.splice(0)) remove()
    },
  }
}

module.exports = { createChannels }
