// Sends changes to the frames that subscribed.
'use strict'

/**
 * @typedef {import('./compat.js').IpcEvent} IpcEvent
 * @typedef {import('../../index.js').InstanceChange} InstanceChange
 *
 * @typedef {object} Subscription of one frame, from its request until the frame goes away
 * @property {number} id the page's own number, sent back with every message
 * @property {import('./frames.js').Attachment} attachment
 * @property {() => void} onGone
 */

const CHANGE = 'osaurus:change'
const WARNING = 'osaurus:warning'

/** The key of a subscription in the registry of frames: each frame has one. */
const KEY = 'subscription'

/**
 * @param {import('./frames.js').FrameRegistry} frames
 * @param {InstanceType<typeof import('./shared-watcher.js').SharedWatcher>} shared
 */
function createSubscriptions(frames, shared) {
  /** Subscriptions that get changes. @type {Set<Subscription>} */
  const active = new Set()

  shared.listeners.push({
    change: (change) => sendToAll(CHANGE, change),
    warning: (message) => sendToAll(WARNING, message),
  })

  /** @param {string} channel @param {InstanceChange | string} payload */
  function sendToAll(channel, payload) {
    for (const subscription of [...active]) send(subscription, channel, payload)
  }

  /** @param {Subscription} subscription @param {string} channel @param {InstanceChange | string} payload */
  function send({ attachment, id }, channel, payload) {
    attachment.send(channel, id, payload)
  }

  /** @param {Subscription} subscription */
  function remove(subscription) {
    subscription.attachment.detach()
    if (active.delete(subscription)) shared.release(subscription)
  }

  return {
    remove,

    /**
     * Adds a subscription of the frame that sent the event, in place of its earlier one. It gets nothing until it is activated.
     * @param {IpcEvent} event
     * @param {number} id
     */
    add(event, id) {
      /** @type {Subscription} */
      const subscription = { id, onGone: () => remove(subscription), attachment: NOT_ATTACHED }
      const earlier = subscriptionOf(frames, event)
      subscription.attachment = frames.attach(event, KEY, subscription)
      if (earlier) remove(earlier)
      return subscription
    },

    /** Starts sending to a subscription: first the current state, then every change. @param {Subscription} subscription */
    activate(subscription) {
      // While its trust was checked, the page may have gone away or subscribed again.
      if (!subscription.attachment.isAttached()) return
      shared.retain(subscription)
      active.add(subscription)
      // If the watcher's first report is still to come, it describes the whole state.
      if (shared.started) send(subscription, CHANGE, shared.wholeState)
      if (shared.warning) send(subscription, WARNING, shared.warning)
    },

    /**
     * Removes the subscription of the frame that sent the event, unless it is a later one.
     * @param {IpcEvent} event
     * @param {unknown} id
     */
    removeById(event, id) {
      const subscription = subscriptionOf(frames, event)
      if (subscription && subscription.id === id) remove(subscription)
    },

    clear() {
      for (const subscription of [...active]) remove(subscription)
    },
  }
}

/** @type {import('./frames.js').Attachment} */
const NOT_ATTACHED = { send() {}, isAttached: () => false, detach() {} }

/**
 * @param {import('./frames.js').FrameRegistry} frames
 * @param {IpcEvent} event
 */
function subscriptionOf(frames, event) {
  return /** @type {Subscription | undefined} */ (frames.memberOf(event, KEY))
}

module.exports = { createSubscriptions }
