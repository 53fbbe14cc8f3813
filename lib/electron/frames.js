// Which frame sent this message, and what does it show?
'use strict'

/**
 * @typedef {import('electron').WebContents} WebContents
 * @typedef {import('electron').IpcMainInvokeEvent} IpcMainInvokeEvent
 * @typedef {{ url: string, isMainFrame: boolean }} Frame
 */

/**
 * Old versions of Electron do not give the frame that sent a message, only its numbers. For them every frame's numbers and
 * URL are kept from the moment it navigates; `webContents.getURL()` would name a page that is still on its way.
 * @param {Pick<typeof import('electron'), 'app' | 'webContents'>} electron
 */
function watchSenders({ app, webContents }) {
  /** @type {Map<WebContents, { frames: Map<string, Frame>, unwatch: () => void }>} */
  const watched = new Map()

  /** @param {WebContents} contents */
  function watch(contents) {
    if (watched.has(contents)) return
    /** @type {Map<string, Frame>} */
    const frames = new Map()
    /** @type {(...args: any[]) => void} */
    const navigated = (_event, url, _code, _status, isMainFrame, processId, frameId) => {
      if (isMainFrame) frames.clear() // A new page has frames of its own.
      frames.set(`${processId}:${frameId}`, { url, isMainFrame })
    }
    const forget = () => watched.delete(contents)
    contents.on('did-frame-navigate', navigated)
    contents.once('destroyed', forget)
    const unwatch = () => {
      contents.removeListener('did-frame-navigate', navigated)
      contents.removeListener('destroyed', forget)
    }
    watched.set(contents, { frames, unwatch })
  }

  /** @type {(event: unknown, contents: WebContents) => void} */
  const created = (_event, contents) => watch(contents)
  app.on('web-contents-created', created)
  webContents.getAllWebContents().forEach(watch)

  return {
    /**
     * To be called before anything is awaited: the frame may be gone a moment later.
     * @param {IpcMainInvokeEvent} event
     * @returns {Frame | null} null where it cannot be told who asked
     */
    frameOf(event) {
      const frame = 'senderFrame' in event ? describe(event.senderFrame) : remembered(event)
      if (!frame) return null
      // What a <webview> shows is embedded, although it is the main frame of its own contents.
      return { url: frame.url, isMainFrame: frame.isMainFrame && event.sender.getType() !== 'webview' }
    },

    close() {
      app.removeListener('web-contents-created', created)
      for (const { unwatch } of watched.values()) unwatch()
      watched.clear()
    },
  }

  /** @param {IpcMainInvokeEvent} event */
  function remembered({ sender, processId, frameId }) {
    const contents = watched.get(sender)
    return (contents && contents.frames.get(`${processId}:${frameId}`)) || null
  }
}

/**
 * @param {import('electron').WebFrameMain | null} frame
 * @returns {Frame | null}
 */
function describe(frame) {
  try {
    return frame && { url: frame.url, isMainFrame: frame.parent === null }
  } catch (_) {
    return null // Its page went away while the message was under way.
  }
}

module.exports = { watchSenders }
