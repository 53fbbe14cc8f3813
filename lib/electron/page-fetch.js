// Answers the requests of pages to Osaurus: checks each, and ends those of a frame that goes away.
'use strict'

const { OsaurusClient } = require('../client/client.js')
const { ORIGIN } = require('../client/fetch-input.js')
const { MAX_REQUEST_BYTES } = require('../defaults.js')
const { invalidType, osaurusError } = require('../errors.js')
const { invalidState } = require('./errors.js')
const { PageRequest } = require('./page-request.js')
const { createRoutePolicy, routeNotAllowed } = require('./routes.js')

/**
 * @typedef {import('./compat.js').IpcEvent} IpcEvent
 * @typedef {import('./page-request.js').ResponseStart} ResponseStart
 * @typedef {import('./page-request.js').Part} Part
 *
 * @typedef {object} Slot of a request, kept from its arrival until the page has its whole response
 * @property {InstanceType<typeof PageRequest> | null} request null while the page's trust is checked
 * @property {number} bytes of its body, until the response begins
 *
 * @typedef {object} FrameRequests the requests of one frame
 * @property {Map<number, Slot>} slots by the id that the page chose
 * @property {number} bytes of the bodies of them all
 * @property {() => void} onGone
 * @property {import('./frames.js').Attachment} attachment
 */

/** Key of a frame's requests in the registry of frames. */
const KEY = 'requests'

/** Of the bodies that a frame has sent, until their responses begin. The preload script holds further ones back. */
const MAX_FRAME_BYTES = 4 * MAX_REQUEST_BYTES

/** Far more than a client library sends, and than Osaurus accepts. */
const MAX_HEADERS = 1000
const MAX_HEADER_CHARS = 2 ** 20

/** Half of the connections that all frames share. The preload script holds further requests back. */
const MAX_REQUESTS = 128

/**
 * @param {object} context
 * @param {import('./frames.js').FrameRegistry} context.frames
 * @param {(event: IpcEvent) => Promise<void>} context.assertTrusted
 * @param {import('./register.js').Discovery} context.discovery
 * @param {import('../../index.js').DiscoverOptions} context.settings of discovery
 * @param {import('./fetch-options.js').PageFetchOptions} context.options
 */
function createPageFetch({ frames, assertTrusted, discovery, settings, options }) {
  const policy = createRoutePolicy(options.routes)
  /** @type {InstanceType<typeof OsaurusClient> | undefined} */
  let client
  /** @type {Set<FrameRequests>} */
  const active = new Set()

  /** Created by the first request. */
  function getClient() {
    if (client) return client
    // Requests go to a verified server only, even if the app discovers without `verify`.
    const verified = { ...settings, verify: true }
    client = new OsaurusClient({
      ...options,
      probeTimeoutMs: settings.probeTimeoutMs,
      watch: () => discovery.watchInstances({ ...verified, persistent: false }),
      discover: () => discovery.discoverLatestRunningInstance(verified),
    })
    return client
  }

  /** @param {IpcEvent} event @returns {FrameRequests | undefined} */
  function requestsOf(event) {
    return /** @type {FrameRequests | undefined} */ (frames.memberOf(event, KEY))
  }

  /** @param {string} method @param {string} path */
  function assertAllowed(method, path) {
    const refusal = policy.check(method, path)
    if (refusal) throw routeNotAllowed(refusal)
  }

  /** @param {IpcEvent} event @returns {FrameRequests} */
  function attach(event) {
    /** @type {FrameRequests} */
    const requests = {
      slots: new Map(),
      bytes: 0,
      onGone: () => abortAll(requests, goneError()),
      attachment: NOT_ATTACHED,
    }
    requests.attachment = frames.attach(event, KEY, requests)
    active.add(requests)
    return requests
  }

  /** @param {FrameRequests} requests @param {number} id */
  function remove(requests, id) {
    const slot = requests.slots.get(id)
    if (slot) hold(requests, slot, 0)
    requests.slots.delete(id)
    if (requests.slots.size > 0) return
    requests.attachment.detach()
    active.delete(requests)
  }

  /** @param {FrameRequests} requests @param {Error} reason */
  function abortAll(requests, reason) {
    for (const id of [...requests.slots.keys()]) abort(requests, id, reason)
  }

  /** @param {FrameRequests} requests @param {number} id @param {Error} reason */
  function abort(requests, id, reason) {
    const slot = requests.slots.get(id)
    remove(requests, id)
    if (slot && slot.request) slot.request.abort(reason)
  }

  return {
    /**
     * Sends a request of a page, and resolves with the beginning of its response.
     * @param {IpcEvent} event
     * @param {unknown} id
     * @param {unknown} request
     * @returns {Promise<ResponseStart>}
     */
    async send(event, id, request) {
      if (typeof id !== 'number') throw invalidType('"id" argument', 'of type number', id)
      const requests = requestsOf(event) || attach(event)
      if (requests.slots.has(id)) throw invalidState(`The page has a request ${id} already`)
      if (requests.slots.size >= MAX_REQUESTS)
        throw invalidState(`The page has ${MAX_REQUESTS} requests already`)
      // Added first, so that it ends if the page goes away or aborts while isTrustedSender decides.
      /** @type {Slot} */
      const slot = { request: null, bytes: 0 }
      requests.slots.set(id, slot)
      try {
        await assertTrusted(event)
        const checked = readRequest(request, assertAllowed)
        if (requests.slots.get(id) !== slot) throw goneError()
        const bytes = checked.body ? Number(checked.body.length) : 0
        if (requests.bytes + bytes > MAX_FRAME_BYTES) throw tooMuchAtOnce()
        hold(requests, slot, bytes)
        slot.request = new PageRequest(getClient(), checked, assertAllowed)
        const response = await slot.request.start()
        if (requests.slots.get(id) !== slot) return response
        hold(requests, slot, 0)
        if (response.done) remove(requests, id)
        return response
      } catch (error) {
        if (requests.slots.get(id) === slot) remove(requests, id)
        throw error
      }
    },

    /**
     * Resolves with the next part of the body of a response.
     * @param {IpcEvent} event
     * @param {unknown} id
     * @returns {Promise<Part>}
     */
    async read(event, id) {
      const requests = requestsOf(event)
      const slot = requests && requests.slots.get(/** @type {number} */ (id))
      if (!requests || !slot || !slot.request) throw invalidState('The page has no such request')
      try {
        const part = await slot.request.read()
        if (part.done && requests.slots.get(/** @type {number} */ (id)) === slot)
          remove(requests, /** @type {number} */ (id))
        return part
      } catch (error) {
        if (requests.slots.get(/** @type {number} */ (id)) === slot)
          abort(requests, /** @type {number} */ (id), /** @type {Error} */ (error))
        throw error
      }
    },

    /**
     * Ends a request of the frame that sent the event, or all of them.
     * @param {IpcEvent} event
     * @param {unknown} id null: all
     */
    abort(event, id) {
      const requests = requestsOf(event)
      if (!requests) return
      if (id === null) abortAll(requests, goneError())
      else if (requests.slots.has(/** @type {number} */ (id)))
        abort(requests, /** @type {number} */ (id), goneError())
    },

    /** Ends all requests. */
    close() {
      const reason = invalidState('The main process has called dispose(), which ended this request')
      for (const requests of [...active]) abortAll(requests, reason)
      if (client) client.close()
    },
  }
}

/** @type {import('./frames.js').Attachment} */
const NOT_ATTACHED = { send() {}, isAttached: () => false, detach() {} }

/** @param {FrameRequests} requests @param {Slot} slot @param {number} bytes that it has from now on */
function hold(requests, slot, bytes) {
  requests.bytes += bytes - slot.bytes
  slot.bytes = bytes
}

function goneError() {
  return osaurusError('ABORT_ERR', 'The page has aborted the request, or is gone')
}

/**
 * Copies what a page sent, and checks it: a page without context isolation can send anything.
 * @param {any} request
 * @param {(method: string, path: string) => void} assertAllowed
 * @returns {import('./page-request.js').Redirectable}
 */
function readRequest(request, assertAllowed) {
  const { method, path, headers, redirect, body } = Object(request)
  for (const [name, value] of Object.entries({ method, path, redirect }))
    if (typeof value !== 'string') throw invalidType(`"request.${name}" property`, 'of type string', value)
  checkHeaders(headers)
  // Before the path is parsed, which would hide that it is not in plain form.
  assertAllowed(method, path)
  return { method, url: new URL(path, ORIGIN), headers, redirect, body: readBody(body) }
}

/** @param {unknown} headers */
function checkHeaders(headers) {
  // The length first: a message of a few bytes can contain an array with four billion holes, of which a copy ends the process.
  if (Array.isArray(headers) && headers.length > MAX_HEADERS) throw headersTooLarge()
  // A copy has no holes, which every() would skip.
  if (!Array.isArray(headers) || ![...headers].every(isHeader))
    throw invalidType('"request.headers" property', 'an array of pairs of strings', headers)
  let length = 0
  for (const [name, value] of headers) length += name.length + value.length
  if (length > MAX_HEADER_CHARS) throw headersTooLarge()
}

/** @param {unknown} header */
function isHeader(header) {
  if (!Array.isArray(header) || header.length !== 2) return false
  return typeof header[0] === 'string' && typeof header[1] === 'string'
}

/** @param {unknown} body */
function readBody(body) {
  if (body === undefined || body === null) return undefined
  if (!(body instanceof ArrayBuffer))
    throw invalidType('"request.body" property', 'an instance of ArrayBuffer', body)
  if (body.byteLength > MAX_REQUEST_BYTES) throw requestTooLarge()
  const bytes = Buffer.from(body)
  return { bytes, length: bytes.length }
}

function headersTooLarge() {
  return osaurusError(
    'OSAURUS_REQUEST_TOO_LARGE',
    `The request has more than ${MAX_HEADERS} headers, or they are longer than 1 MiB. Send fewer and shorter ones.`,
  )
}

function requestTooLarge() {
  return osaurusError(
    'OSAURUS_REQUEST_TOO_LARGE',
    'The body of the request is larger than 32 MiB, which is all that Osaurus accepts. Send a smaller one.',
  )
}

function tooMuchAtOnce() {
  return osaurusError(
    'OSAURUS_REQUEST_TOO_LARGE',
    'The bodies of the requests that the page sends at the same time are larger than 128 MiB. Send them one after the other.',
  )
}

module.exports = { createPageFetch }
