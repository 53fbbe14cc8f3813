// Which pages want to hear of changes, and when do they not any more?
'use strict'

const { warn } = require('../errors.js')
const { forPage } = require('./errors.js')

/**
 * @typedef {import('electron').WebContents} WebContents
 * @typedef {import('electron').IpcMainInvokeEvent} IpcMainInvokeEvent
 * @typedef {import('../../index.js').InstanceChange} InstanceChange
 * @typedef {import('../../index.js').InstanceWatcher} InstanceWatcher
 *
 * @typedef {object} Subscription of one frame, from its request until the page goes
 * @property {WebContents} contents
 * @property {string} frame
 * @property {number} id the page's number for it, sent back with every change
 * @property {boolean} live whether it is to hear of changes already
 * @property {(channel: string, what: InstanceChange | string) => void} tell
 *
 * @typedef {{ watcher: InstanceWatcher, started: boolean, warning: string }} Running
 */

const CHANGE = 'osaurus:change'
const WARNING = 'osaurus:warning'

/** @param {() => InstanceWatcher} openWatcher called when the first page listens; closed when the last one goes */
function createSubscriptions(openWatcher) {
  /** By page, then by frame. @type {Map<WebContents, { frames: Map<string, Subscription>, unwatch: () => void }>} */
  const pages = new Map()
  /** `warning`: what the watcher warned of last, in the words for a page. @type {Running | null} */
  let running = null

  /**
   * What belongs to this message's frame from now on; it hears nothing until it is started.
   * @param {IpcMainInvokeEvent} event
   * @param {number} id
   */
  function open(event, id) {
    const { sender: contents } = event
    const frame = frameKey(event)
    // Newer versions tell a frame by process and number; in old ones the number alone finds it.
    const target = isOld(event) ? event.frameId : [event.processId, event.frameId]
    let page = pages.get(contents)
    if (!page) pages.set(contents, (page = { frames: new Map(), unwatch: watchPage(contents, end) }))
    /** @type {Subscription} */
    const subscription = { contents, frame, id, live: false, tell }
    page.frames.set(frame, subscription)
    return subscription

    /** @param {string} channel @param {InstanceChange | string} what */
    function tell(channel, what) {
      try {
        contents.sendToFrame(/** @type {any} */ (target), channel, id, what)
      } catch (_) {
        end(contents, frame) // Its window is being closed.
      }
    }
  }

  /** @param {Subscription} subscription */
  function start(subscription) {
    const { contents, frame } = subscription
    const page = pages.get(contents)
    // Its page went away, or asked anew, while it was found out whether it may listen.
    if (!page || page.frames.get(frame) !== subscription) return
    if (!running) running = run()
    subscription.live = true
    // Until the watcher's own first report, which tells the whole state, there is nothing to tell.
    if (running.started) subscription.tell(CHANGE, wholeState(running.watcher.instances))
    if (running.warning) subscription.tell(WARNING, running.warning)
  }

  function run() {
    const run = { watcher: openWatcher(), started: false, warning: '' }
    run.watcher.on('change', (change) => {
      run.started = true
      // Nothing says that a trouble is over; where there is an Osaurus, none explains an empty state any more.
      if (change.instances.length > 0) run.warning = ''
      tellAll(CHANGE, change)
    })
    run.watcher.on('warning', (error) => {
      // As it does where nobody listens.
      warn(error.message, error.code)
      run.warning = forPage(error).message
      tellAll(WARNING, run.warning)
    })
    return run
  }

  /** @param {string} channel @param {InstanceChange | string} what */
  function tellAll(channel, what) {
    for (const { frames } of [...pages.values()])
      for (const subscription of [...frames.values()]) if (subscription.live) subscription.tell(channel, what)
  }

  /**
   * @param {WebContents} contents
   * @param {string} [frame] all of the page's where it is not given
   */
  function end(contents, frame) {
    const page = pages.get(contents)
    if (!page) return
    if (frame === undefined) page.frames.clear()
    else page.frames.delete(frame)
    if (page.frames.size === 0) {
      page.unwatch()
      pages.delete(contents)
    }
    if (running && !isAnyoneListening()) {
      running.watcher.close()
      running = null
    }
  }

  function isAnyoneListening() {
    return [...pages.values()].some(({ frames }) => [...frames.values()].some(({ live }) => live))
  }

  return {
    open,
    start,

    /** @param {Subscription} subscription */
    end({ contents, frame, id }) {
      this.endOf(contents, frame, id)
    },

    /**
     * Ends the frame's subscription, unless it is a later one than this.
     * @param {WebContents} contents
     * @param {string} frame
     * @param {unknown} id
     */
    endOf(contents, frame, id) {
      const page = pages.get(contents)
      const subscription = page && page.frames.get(frame)
      if (subscription && subscription.id === id) end(contents, frame)
    },

    endAll() {
      for (const contents of [...pages.keys()]) end(contents)
    },
  }
}

/** Whether Electron is too old to give the frame that sent a message. @param {object} event */
function isOld(event) {
  return !('senderFrame' in event)
}

/** @param {{ processId: number, frameId: number }} event */
function frameKey({ processId, frameId }) {
  return `${processId}:${frameId}`
}

/**
 * Calls back when the page of these contents, or one of its frames, goes.
 * @param {WebContents} contents
 * @param {(contents: WebContents, frame?: string) => void} gone
 */
function watchPage(contents, gone) {
  const all = () => gone(contents)
  /** @type {(...args: any[]) => void} */
  const navigated = (_event, _url, _code, _status, isMainFrame, processId, frameId) =>
    isMainFrame ? all() : gone(contents, frameKey({ processId, frameId }))
  contents.on('destroyed', all)
  contents.on('render-process-gone', all)
  contents.on('did-frame-navigate', navigated)
  return () => {
    contents.removeListener('destroyed', all)
    contents.removeListener('render-process-gone', all)
    contents.removeListener('did-frame-navigate', navigated)
  }
}

/**
 * @param {import('../../index.js').OsaurusInstance[]} instances
 * @returns {InstanceChange}
 */
function wholeState(instances) {
  return { instances, added: instances, updated: [], removed: [] }
}

module.exports = { CHANGE, createSubscriptions, frameKey }
