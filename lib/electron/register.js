// How does the main process answer its pages?
'use strict'

const path = require('path')
const {
  alreadyRegistered,
  forPage,
  meansNone,
  refusalWarnings,
  untrustedSender,
  warnOfSender,
} = require('./errors.js')
const { invalidType } = require('../errors.js')
const { addPreload } = require('./session-preload.js')
const { watchSenders } = require('./frames.js')
const { createSubscriptions, frameKey } = require('./subscriptions.js')
const { isPageOfTheApp } = require('./trust.js')

/**
 * @typedef {import('electron').IpcMainInvokeEvent} IpcMainInvokeEvent
 * @typedef {import('./frames.js').Frame} Frame
 * @typedef {Pick<typeof import('../../index.js'), 'discoverLatestRunningInstance' | 'listInstances' | 'watchInstances'>} Discovery
 */

const PRELOAD = path.join(__dirname, '..', '..', 'preload.js')

/** The one registration of this process. @type {import('../../electron.js').Registration | null} */
let current = null

/**
 * @param {typeof import('electron')} electron
 * @param {Discovery} discovery
 * @param {import('../../electron.js').RegisterOptions} options checked
 * @returns {import('../../electron.js').Registration}
 */
function register(electron, discovery, { discover, isTrustedSender, preload = false, session }) {
  if (current)
    throw alreadyRegistered(
      'registerOsaurus() was called before: once in a process is enough, or dispose() comes first',
    )

  const { ipcMain } = electron
  const settings = { verify: true, ...discover }
  const senders = watchSenders(electron)
  const warnOfRefusal = refusalWarnings()
  const subscriptions = createSubscriptions(() =>
    discovery.watchInstances({ ...settings, persistent: false }),
  )
  const latest = shared(() => discovery.discoverLatestRunningInstance(settings).catch(noneIsNull))
  const all = shared(() => discovery.listInstances(settings))

  /** @type {Array<() => void>} */
  const undo = [() => senders.close(), () => subscriptions.endAll()]
  const dispose = () => {
    for (const step of undo.splice(0).reverse()) step()
    if (current === registration) current = null
  }
  const registration = { dispose }

  try {
    handle('osaurus:getInstance', trusted(latest))
    handle('osaurus:listInstances', trusted(all))
    handle('osaurus:subscribe', subscribe)
    ipcMain.on('osaurus:unsubscribe', unsubscribe)
    undo.push(() => ipcMain.removeListener('osaurus:unsubscribe', unsubscribe))
    if (preload) undo.push(addPreload(electron, session, PRELOAD))
  } catch (error) {
    dispose()
    throw error
  }
  current = registration
  return registration

  /**
   * @param {string} channel
   * @param {(event: IpcMainInvokeEvent, id: unknown) => Promise<unknown>} answer
   */
  function handle(channel, answer) {
    try {
      ipcMain.handle(channel, (event, id) =>
        answer(event, id).catch((error) => Promise.reject(forPage(error))),
      )
    } catch (error) {
      const what = `The channel ${channel} has a handler already: remove the app's own, or register only once`
      throw alreadyRegistered(what, /** @type {Error} */ (error))
    }
    undo.push(() => ipcMain.removeHandler(channel))
  }

  /**
   * @param {() => Promise<unknown>} answer whatever the page has sent along
   * @returns {(event: IpcMainInvokeEvent) => Promise<unknown>}
   */
  function trusted(answer) {
    return async (event) => {
      await mustBeTrusted(event)
      return answer()
    }
  }

  /** @param {IpcMainInvokeEvent} event @param {unknown} id */
  async function subscribe(event, id) {
    if (typeof id !== 'number') throw invalidType('"id" argument', 'of type number', id)
    // Opened first, so that a page that goes while isTrustedSender thinks takes its subscription along.
    const subscription = subscriptions.open(event, id)
    try {
      await mustBeTrusted(event)
      subscriptions.start(subscription)
    } catch (error) {
      subscriptions.end(subscription)
      throw error
    }
  }

  /** @param {import('electron').IpcMainEvent} event @param {unknown} id */
  function unsubscribe(event, id) {
    subscriptions.endOf(event.sender, frameKey(event), id)
  }

  /** @param {IpcMainInvokeEvent} event */
  async function mustBeTrusted(event) {
    const frame = senders.frameOf(event)
    if (!frame) throw untrustedSender('it cannot be told which frame has asked')
    if (isTrustedSender) return mustBeTrustedByApp(frame, isTrustedSender)
    const { app } = electron
    const appPath = app.getAppPath()
    const handlesScheme = (/** @type {string} */ scheme) => handles(event.sender.session.protocol, scheme)
    if (isPageOfTheApp(frame, { appPath, isPackaged: app.isPackaged, handlesScheme })) return
    // In development only: nobody reads what a packaged app writes.
    if (!app.isPackaged) warnOfRefusal(frame, appPath)
    throw untrustedSender(
      "only the main frame of the app's own pages may, unless registerOsaurus({ isTrustedSender }) says otherwise",
    )
  }
}

/**
 * @param {Frame} frame
 * @param {NonNullable<import('../../electron.js').RegisterOptions['isTrustedSender']>} isTrustedSender
 */
async function mustBeTrustedByApp(frame, isTrustedSender) {
  let trusted
  try {
    trusted = await isTrustedSender(frame)
  } catch (error) {
    warnOfSender(`isTrustedSender failed for ${frame.url}: ${error instanceof Error ? error.stack : error}`)
    throw untrustedSender('isTrustedSender failed, see the warning in the main process')
  }
  if (trusted !== true) throw untrustedSender('isTrustedSender did not return true')
}

/**
 * @param {import('electron').Protocol} protocol
 * @param {string} scheme
 */
function handles(protocol, scheme) {
  // Since Electron 25; before, a function of this name counted Chromium's own schemes too.
  if (typeof protocol.handle === 'function') return protocol.isProtocolHandled(scheme)
  return protocol.isProtocolRegistered(scheme) || protocol.isProtocolIntercepted(scheme)
}

/** @param {unknown} error */
function noneIsNull(error) {
  if (meansNone(error)) return null
  throw error
}

/**
 * One call at a time: who asks while it is under way gets the same answer.
 * @template T
 * @param {() => Promise<T>} call
 * @returns {() => Promise<T>}
 */
function shared(call) {
  /** @type {Promise<T> | null} */
  let underWay = null
  return () => {
    if (!underWay) {
      underWay = call()
      const done = () => void (underWay = null)
      underWay.then(done, done)
    }
    return underWay
  }
}

module.exports = { register }
