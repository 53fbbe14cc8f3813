// Keeps the one registry of frames: what each shows, and what ends when it goes away.
'use strict'

const { hasSenderFrame, needsNavigationRecords, targetOf } = require('./compat.js')

/**
 * @typedef {import('electron').WebContents} WebContents
 * @typedef {import('./compat.js').IpcEvent} IpcEvent
 * @typedef {{ url: string, isMainFrame: boolean }} Frame
 *
 * @typedef {{ onGone(): void }} Member something that lasts as long as a frame; `onGone` is called if the frame goes away first
 *
 * @typedef {object} Attachment of a member to its frame
 * @property {(channel: string, ...args: any[]) => void} send sends to the frame; a frame that cannot receive is gone
 * @property {() => boolean} isAttached
 * @property {() => void} detach without calling `onGone`
 *
 * @typedef {object} FrameRecord
 * @property {Frame | null} shown recorded at navigation, only where events do not carry `senderFrame`
 * @property {Map<unknown, Member>} members by a key of their owner
 *
 * @typedef {{ frames: Map<string, FrameRecord>, unwatch: () => void }} Page
 */

/**
 * @param {Pick<typeof import('electron'), 'app' | 'webContents'>} electron
 * @param {{ recordsNavigation?: boolean }} [options] by default true for old versions of Electron
 */
function createFrameRegistry({ app, webContents }, { recordsNavigation = needsNavigationRecords() } = {}) {
  /** @type {Map<WebContents, Page>} */
  const pages = new Map()

  /** @param {WebContents} contents */
  function pageOf(contents) {
    let page = pages.get(contents)
    if (!page) pages.set(contents, (page = { frames: new Map(), unwatch: watch(contents) }))
    return page
  }

  /** @param {WebContents} contents */
  function watch(contents) {
    const destroyed = () => {
      releaseAll(contents)
      drop(contents)
    }
    const crashed = () => releaseAll(contents)
    /** @type {(...args: any[]) => void} */
    const navigated = (_event, url, _code, _status, isMainFrame, processId, frameId) => {
      const key = frameKey({ processId, frameId })
      // A new page has new frames.
      if (isMainFrame) releaseAll(contents)
      else release(contents, key)
      if (recordsNavigation) recordOf(contents, key).shown = { url, isMainFrame }
    }
    contents.on('destroyed', destroyed)
    contents.on('render-process-gone', crashed)
    contents.on('did-frame-navigate', navigated)
    return () => {
      contents.removeListener('destroyed', destroyed)
      contents.removeListener('render-process-gone', crashed)
      contents.removeListener('did-frame-navigate', navigated)
    }
  }

  /** @param {WebContents} contents @param {string} key */
  function find(contents, key) {
    const page = pages.get(contents)
    return page && page.frames.get(key)
  }

  /** @param {WebContents} contents @param {string} key @returns {FrameRecord} */
  function recordOf(contents, key) {
    const { frames } = pageOf(contents)
    let record = frames.get(key)
    if (!record) frames.set(key, (record = { shown: null, members: new Map() }))
    return record
  }

  /** Ends everything attached to a frame. @param {WebContents} contents @param {string} key */
  function release(contents, key) {
    const page = pages.get(contents)
    const record = page && page.frames.get(key)
    if (!page || !record) return
    page.frames.delete(key)
    unwatchIfUnused(contents, page)
    for (const member of record.members.values()) member.onGone()
  }

  /** @param {WebContents} contents */
  function releaseAll(contents) {
    const page = pages.get(contents)
    if (page) for (const key of [...page.frames.keys()]) release(contents, key)
  }

  /** @param {WebContents} contents @param {string} key */
  function removeIfUnused(contents, key) {
    const page = pages.get(contents)
    const record = page && page.frames.get(key)
    if (!page || !record || record.shown || record.members.size > 0) return
    page.frames.delete(key)
    unwatchIfUnused(contents, page)
  }

  /** @param {WebContents} contents @param {Page} page */
  function unwatchIfUnused(contents, page) {
    if (page.frames.size === 0 && !recordsNavigation) drop(contents)
  }

  /** @param {WebContents} contents */
  function drop(contents) {
    const page = pages.get(contents)
    if (page) page.unwatch()
    pages.delete(contents)
  }

  /** @type {(event: unknown, contents: WebContents) => void} */
  const created = (_event, contents) => void pageOf(contents)
  if (recordsNavigation) {
    app.on('web-contents-created', created)
    webContents.getAllWebContents().forEach(pageOf)
  }

  return {
    /**
     * What the frame that sent the event shows; null if that is unknown. Call it before anything asynchronous: the frame may
     * be gone a moment later.
     * @param {IpcEvent} event
     * @returns {Frame | null}
     */
    senderOf(event) {
      const frame = hasSenderFrame(event) ? describe(event.senderFrame) : recordedFrameOf(event)
      if (!frame) return null
      // A <webview> is embedded, although it shows the main frame of its own contents.
      return { url: frame.url, isMainFrame: frame.isMainFrame && event.sender.getType() !== 'webview' }
    },

    /**
     * Attaches a member to the frame that sent the event, in place of the member with the same key. The frame counts as gone
     * when its page is closed, reloaded or navigated, or crashes.
     * @param {IpcEvent} event
     * @param {unknown} key
     * @param {Member} member
     * @returns {Attachment}
     */
    attach(event, key, member) {
      const { sender: contents } = event
      const id = frameKey(event)
      const target = targetOf(event)
      const { members } = recordOf(contents, id)
      members.set(key, member)
      return { send, isAttached, detach }

      /** @param {string} channel @param {any[]} args */
      function send(channel, ...args) {
        try {
          contents.sendToFrame(/** @type {any} */ (target), channel, ...args)
        } catch (_) {
          release(contents, id) // Its window is being closed.
        }
      }

      function isAttached() {
        const record = find(contents, id)
        return record !== undefined && record.members.get(key) === member
      }

      function detach() {
        if (!isAttached()) return
        members.delete(key)
        removeIfUnused(contents, id)
      }
    },

    /**
     * The member that is attached to the frame that sent the event.
     * @param {IpcEvent} event
     * @param {unknown} key
     * @returns {Member | undefined}
     */
    memberOf(event, key) {
      const record = find(event.sender, frameKey(event))
      return record && record.members.get(key)
    },

    /** Stops watching. What is still attached is not notified. */
    close() {
      app.removeListener('web-contents-created', created)
      for (const contents of [...pages.keys()]) drop(contents)
    },
  }

  /** @param {IpcEvent} event */
  function recordedFrameOf(event) {
    const record = find(event.sender, frameKey(event))
    return (record && record.shown) || null
  }
}

/** @typedef {ReturnType<typeof createFrameRegistry>} FrameRegistry */

/** @param {{ processId: number, frameId: number }} event */
function frameKey({ processId, frameId }) {
  return `${processId}:${frameId}`
}

/**
 * @param {import('electron').WebFrameMain | null} frame
 * @returns {Frame | null}
 */
function describe(frame) {
  try {
    return frame && { url: frame.url, isMainFrame: frame.parent === null }
  } catch (_) {
    return null // The page went away while the message was in transit.
  }
}

module.exports = { createFrameRegistry }
