// Stands in for Electron's WebContents and sessions in tests that run in plain Node.js.
'use strict'

const { EventEmitter } = require('node:events')

const { createFrameRegistry } = require('../../../lib/electron/frames.js')

/** Stands in for a window's contents and records what each frame was sent. */
class Contents extends EventEmitter {
  /** @type {any[][]} */
  sent = []
  closing = false
  type = 'window'

  getType() {
    return this.type
  }

  /** @param {any[]} message */
  sendToFrame(...message) {
    if (this.closing) throw new TypeError('Object has been destroyed')
    this.sent.push(message)
  }

  /** The event of a page's message, as new versions of Electron give it, or old ones. @param {{ frameId?: number, old?: boolean }} [how] */
  event({ frameId = 1, old = false } = {}) {
    return /** @type {any} */ ({ sender: this, processId: 7, frameId, ...(old ? {} : { senderFrame: {} }) })
  }
}

/**
 * A registry of frames without an app.
 * @param {{ recordsNavigation?: boolean, open?: Contents[] }} [options] `open`: the contents that exist already
 */
function createFrames({ recordsNavigation = false, open = [] } = {}) {
  const app = new EventEmitter()
  const webContents = { getAllWebContents: () => open }
  return createFrameRegistry(/** @type {any} */ ({ app, webContents }), { recordsNavigation })
}

/** @param {Contents} contents @param {{ isMainFrame: boolean, frameId?: number, url?: string }} frame */
function navigate(contents, { isMainFrame, frameId = 3, url = 'file:///x' }) {
  contents.emit('did-frame-navigate', {}, url, 200, 'OK', isMainFrame, 7, frameId)
}

module.exports = { Contents, createFrames, navigate }
