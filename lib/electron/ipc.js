// Registers the handlers of a registration's channels, and removes them again.
'use strict'

const { alreadyRegistered, toPageError, toPageRejection } = require('./errors.js')

/**
 * @typedef {import('electron').IpcMainInvokeEvent} IpcMainInvokeEvent
 * @typedef {(event: IpcMainInvokeEvent, id: unknown) => Promise<unknown>} Handler
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

  return {
    /**
     * For preload scripts that an app wrote after Osaurus' guide: a plain result, or a rejection.
     * @param {string} channel
     * @param {Handler} handler
     */
    handleForGuide(channel, handler) {
      add(channel, (event, id) => handler(event, id).catch((error) => Promise.reject(toPageRejection(error))))
    },

    /**
     * For our own preload script: failures are data, because Electron wraps the message of a rejection in words of its own.
     * @param {string} channel
     * @param {Handler} handler
     */
    handleForPreload(channel, handler) {
      add(channel, (event, id) =>
        handler(event, id).then(
          (value) => ({ value }),
          (error) => ({ error: toPageError(error) }),
        ),
      )
    },

    /**
     * @param {string} channel
     * @param {(event: import('electron').IpcMainEvent, id: unknown) => void} listener
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
