// Isolates the differences between versions of Electron.
'use strict'

/**
 * @typedef {import('electron').IpcMainEvent | import('electron').IpcMainInvokeEvent} IpcEvent
 * @typedef {number | [processId: number, frameId: number]} FrameTarget
 */

/** Whether the event says which frame sent the message, as in Electron 12 and later. @param {IpcEvent} event */
function hasSenderFrame(event) {
  return 'senderFrame' in event
}

/**
 * Whether the URLs of frames have to be recorded as they navigate, because events do not carry `senderFrame`.
 * @param {string | undefined} [version] of Electron
 */
function needsNavigationRecords(version = process.versions.electron) {
  return parseInt(version || '', 10) < 14
}

/**
 * The first argument of `webContents.sendToFrame` for the frame that sent the event. Old versions take its number alone.
 * @param {IpcEvent} event
 * @returns {FrameTarget}
 */
function targetOf(event) {
  const { processId, frameId } = event
  return hasSenderFrame(event) ? [processId, frameId] : frameId
}

/**
 * Whether the app itself handles the scheme in a session.
 * @param {import('electron').Protocol} protocol
 * @param {string} scheme
 */
function isSchemeHandled(protocol, scheme) {
  // Since Electron 25. Before, `isProtocolHandled` also counted Chromium's own schemes.
  if (typeof protocol.handle === 'function') return protocol.isProtocolHandled(scheme)
  return protocol.isProtocolRegistered(scheme) || protocol.isProtocolIntercepted(scheme)
}

/**
 * Adds a preload script to every page of the session.
 * @param {import('electron').Session} session
 * @param {string} file
 * @returns {() => void} removes it
 */
function addPreloadScript(session, file) {
  if (typeof session.registerPreloadScript === 'function') {
    const id = session.registerPreloadScript({ type: 'frame', filePath: file })
    return () => session.unregisterPreloadScript(id)
  }
  // Before Electron 35 a session has one list of files.
  session.setPreloads([...session.getPreloads(), file])
  return () => session.setPreloads(session.getPreloads().filter((each) => each !== file))
}

/**
 * Encrypts with the keychain of the operating system. The functions reject or throw where it is not available; call them only
 * when the app is ready.
 * @param {typeof import('electron')} electron
 */
function createEncryption({ safeStorage }) {
  /** Whether Electron 42 or later, which deprecates the synchronous functions. */
  const isAsync = () => typeof safeStorage.encryptStringAsync === 'function'

  async function assertAvailable() {
    if (!safeStorage) throw new Error('safeStorage needs Electron 15 or later')
    const available = isAsync()
      ? await safeStorage.isAsyncEncryptionAvailable()
      : safeStorage.isEncryptionAvailable()
    if (!available) throw new Error('The operating system offers no encryption')
  }

  return {
    /** @param {string} text @returns {Promise<Buffer>} */
    async encrypt(text) {
      await assertAvailable()
      return isAsync() ? safeStorage.encryptStringAsync(text) : safeStorage.encryptString(text)
    },

    /** @param {Buffer} encrypted @returns {Promise<string>} */
    async decrypt(encrypted) {
      await assertAvailable()
      if (!isAsync()) return safeStorage.decryptString(encrypted)
      return (await safeStorage.decryptStringAsync(encrypted)).result
    },

    /** Whether the keychain protects the text. Some Linux systems have none, and an app can allow a fixed password there. */
    isSecure() {
      if (!safeStorage || !safeStorage.isEncryptionAvailable()) return false
      const { getSelectedStorageBackend } = safeStorage
      return !(
        process.platform === 'linux' &&
        getSelectedStorageBackend &&
        getSelectedStorageBackend() === 'basic_text'
      )
    },
  }
}

module.exports = {
  createEncryption,
  addPreloadScript,
  hasSenderFrame,
  isSchemeHandled,
  needsNavigationRecords,
  targetOf,
}
