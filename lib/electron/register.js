// Answers the app's pages on their channels.
'use strict'

const path = require('path')
const { invalidType } = require('../errors.js')
const { alreadyRegistered, nullIfNotRunning } = require('./errors.js')
const { createFrameRegistry } = require('./frames.js')
const { createChannels } = require('./ipc.js')
const { createLauncher } = require('./launch.js')
const { refusePageFetch } = require('./page-fetch-off.js')
const { Registration } = require('./registration.js')
const { addPreload } = require('./session-preload.js')
const { SharedWatcher } = require('./shared-watcher.js')
const { createSubscriptions } = require('./subscriptions.js')
const { createTrustCheck } = require('./trust.js')

/**
 * @typedef {import('electron').IpcMainInvokeEvent} IpcMainInvokeEvent
 * @typedef {Pick<typeof import('../../index.js'), 'discoverLatestRunningInstance' | 'launchOsaurus' | 'listInstances' | 'watchInstances'>} Discovery
 */

const PRELOAD = path.join(__dirname, '..', '..', 'preload.js')

/** The one registration of this process. @type {InstanceType<typeof Registration> | null} */
let current = null

/**
 * @param {typeof import('electron')} electron
 * @param {Discovery} discovery
 * @param {ReturnType<typeof import('./options.js').validateRegisterOptions>} options validated
 * @returns {import('../../electron.js').Registration}
 */
function register(
  electron,
  discovery,
  { discover, fetch, isTrustedSender, launch = false, preload = false, session },
) {
  if (current)
    throw alreadyRegistered(
      'registerOsaurus() was called before: call it once per process, or dispose() of the first registration',
    )

  const settings = { verify: true, ...discover }
  const frames = createFrameRegistry(electron)
  const assertTrusted = createTrustCheck(electron, frames, isTrustedSender)
  const shared = new SharedWatcher(() => discovery.watchInstances({ ...settings, persistent: false }))
  const subscriptions = createSubscriptions(frames, shared)
  const channels = createChannels(electron.ipcMain)
  const getInstance = coalesce(() =>
    discovery.discoverLatestRunningInstance(settings).catch(nullIfNotRunning),
  )
  const listInstances = coalesce(() => discovery.listInstances(settings))
  const launcher = createLauncher(discovery, settings, launch)
  // Loaded only where it is needed: what it imports takes milliseconds.
  const pageFetch = fetch
    ? require('./page-fetch.js').createPageFetch({
        frames,
        assertTrusted,
        discovery,
        settings,
        options: fetch,
      })
    : refusePageFetch(assertTrusted)
  let removePreload = () => {}

  const registration = new Registration(shared, assertTrusted, () => {
    removePreload()
    channels.removeAll()
    subscriptions.clear()
    launcher.close()
    pageFetch.close()
    frames.close()
    if (current === registration) current = null
  })

  try {
    channels.handleForGuide('osaurus:getInstance', trusted(getInstance))
    channels.handleForGuide('osaurus:listInstances', trusted(listInstances))
    channels.handleForPreload('osaurus:preload:getInstance', trusted(getInstance))
    channels.handleForPreload('osaurus:preload:listInstances', trusted(listInstances))
    channels.handleForPreload('osaurus:preload:launch', trusted(coalesce(launcher.launch)))
    channels.handleForPreload('osaurus:preload:subscribe', subscribe)
    channels.on('osaurus:preload:unsubscribe', (event, id) => subscriptions.removeById(event, id))
    channels.handleForFetch('osaurus:preload:fetch', pageFetch.send)
    channels.handleForFetch('osaurus:preload:fetch:read', pageFetch.read)
    channels.on('osaurus:preload:fetch:abort', pageFetch.abort)
    if (preload) removePreload = addPreload(electron, session, PRELOAD)
  } catch (error) {
    registration.dispose()
    throw error
  }
  current = registration
  return registration

  /**
   * A handler that ignores the arguments of the page.
   * @param {() => Promise<unknown>} answer
   * @returns {(event: IpcMainInvokeEvent) => Promise<unknown>}
   */
  function trusted(answer) {
    return async (event) => {
      await assertTrusted(event)
      return answer()
    }
  }

  /** @param {IpcMainInvokeEvent} event @param {unknown} id */
  async function subscribe(event, id) {
    if (typeof id !== 'number') throw invalidType('"id" argument', 'of type number', id)
    // Added first, so that it ends if the page goes away while isTrustedSender decides.
    const subscription = subscriptions.add(event, id)
    try {
      await assertTrusted(event)
      subscriptions.activate(subscription)
    } catch (error) {
      subscriptions.remove(subscription)
      throw error
    }
  }
}

/**
 * Shares one call among all callers that come while it is running.
 * @template T
 * @param {() => Promise<T>} call
 * @returns {() => Promise<T>}
 */
function coalesce(call) {
  /** @type {Promise<T> | null} */
  let running = null
  return () => {
    if (!running) {
      running = call()
      const done = () => void (running = null)
      running.then(done, done)
    }
    return running
  }
}

module.exports = { register }
