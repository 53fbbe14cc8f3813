// Gives a page window.osaurus: where Osaurus runs, a fetch that reaches it, and nothing else of Electron.
'use strict'

const { contextBridge, ipcRenderer, webFrame } = require('electron')

/**
 * @typedef {import('osaurus-discovery').InstanceChange} InstanceChange
 * @typedef {{ call: (change: InstanceChange) => void, called: boolean }} Listener
 * @typedef {{ value: any, error: null | import('./lib/electron/errors.js').FetchError }} Reply of the main process
 */

/** Where the page's world takes the bridge from. Gives it once, before the first script of the page. */
const HANDOVER = 'osaurusBridge'

/** @type {Set<Listener>} */
const listeners = new Set()

/** The number of the current subscription. Messages for an earlier one are late and ignored. */
let subscription = 0

/** The last change, for listeners that are added now. @type {InstanceChange | null} */
let latest = null

let hasFetched = false

ipcRenderer.on('osaurus:change', (_event, id, change) => {
  if (id !== subscription || listeners.size === 0) return
  latest = change
  for (const listener of [...listeners]) notify(listener)
})

ipcRenderer.on('osaurus:warning', (_event, id, reason) => {
  if (id !== subscription || listeners.size === 0) return
  console.warn(`window.osaurus.onChange may miss changes: ${reason}`)
})

// The main process notices when a page goes away, but not always when a frame inside it does.
window.addEventListener('pagehide', () => {
  if (listeners.size > 0) unsubscribe()
  if (hasFetched) ipcRenderer.send('osaurus:preload:fetch:abort', null)
})

/** What defineOsaurus() builds window.osaurus from. */
const bridge = Object.freeze({
  getInstance: () => invoke('osaurus:preload:getInstance'),
  listInstances: () => invoke('osaurus:preload:listInstances'),
  launch: () => invoke('osaurus:preload:launch'),
  /** @param {(change: InstanceChange) => void} call */
  onChange(call) {
    if (typeof call !== 'function') throw new TypeError('onChange: the listener must be a function')
    const listener = { call, called: false }
    listeners.add(listener)
    if (listeners.size === 1) subscribe()
    else Promise.resolve().then(() => listener.called || notify(listener))
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) unsubscribe()
    }
  },
  /** @param {number} id @param {object} request @returns {Promise<Reply>} */
  send(id, request) {
    hasFetched = true
    return replyFor('osaurus:preload:fetch', id, request)
  },
  /** @param {number} id @returns {Promise<Reply>} */
  read: (id) => replyFor('osaurus:preload:fetch:read', id),
  /** @param {number} id */
  abort: (id) => ipcRenderer.send('osaurus:preload:fetch:abort', id),
})

/**
 * Calls the main process for the page's fetch. Failures are data, because a context bridge drops the `code` of an error.
 * @param {string} channel
 * @param {unknown[]} args
 * @returns {Promise<Reply>}
 */
function replyFor(channel, ...args) {
  return ipcRenderer.invoke(channel, ...args).catch((error) => {
    const message = notRegisteredMessage(channel, error)
    return { value: null, error: { code: 'ERR_INVALID_STATE', message, isTypeError: false } }
  })
}

/**
 * Calls the main process, whose handlers answer failures as data and never reject.
 * @param {string} channel
 * @param {unknown[]} args
 */
async function invoke(channel, ...args) {
  let answer
  try {
    answer = await ipcRenderer.invoke(channel, ...args)
  } catch (error) {
    throw new Error(`[ERR_INVALID_STATE] ${notRegisteredMessage(channel, error)}`)
  }
  if (answer.error) throw new Error(answer.error.message)
  return answer.value
}

/**
 * Words a rejection of Electron's own: the channel has no handler, or lost it before it answered.
 * @param {string} channel
 * @param {any} error
 */
function notRegisteredMessage(channel, { message }) {
  return (
    `The main process does not handle '${channel}': call registerOsaurus() in the main process, ` +
    `and dispose() only when the page is gone (${message})`
  )
}

function subscribe() {
  subscription += 1
  invoke('osaurus:preload:subscribe', subscription).catch(({ message }) => {
    console.error(`window.osaurus.onChange gets no changes: ${message}`)
  })
}

function unsubscribe() {
  latest = null
  ipcRenderer.send('osaurus:preload:unsubscribe', subscription)
}

/** @param {Listener} listener */
function notify(listener) {
  if (!latest || !listeners.has(listener)) return
  const { instances } = latest
  // The first call of a listener describes the whole state. Each listener gets a copy of its own.
  const change = listener.called ? latest : { ...latest, added: instances, updated: [], removed: [] }
  listener.called = true
  try {
    listener.call(JSON.parse(JSON.stringify(change)))
  } catch (error) {
    setTimeout(() => {
      throw error
    })
  }
}

/**
 * Defines window.osaurus. Runs in the page's own world, as text, so that responses, streams and errors are the page's own. It
 * refers to nothing outside of it, and keeps the classes that it needs before a script of the page can replace them.
 * @param {typeof bridge} bridge
 */
function defineOsaurus({ send, read, abort, ...others }) {
  const ORIGIN = 'http://osaurus.invalid'
  /** Equal to MAX_REQUEST_BYTES of lib/defaults.js, which a sandboxed preload script cannot import. */
  const MAX_BODY_BYTES = 32 * 2 ** 20
  /** The main process refuses more. Further requests wait for one of these to end. */
  const MAX_REQUESTS = 128
  /** The same for the bodies of requests whose responses have not begun. */
  const MAX_SENT_BYTES = 4 * MAX_BODY_BYTES
  const NULL_BODY_STATUS = [101, 103, 204, 205, 304]

  const { DOMException, Error, Object, Promise, ReadableStream, Request, Response, TypeError } =
    /** @type {typeof globalThis} */ (/** @type {unknown} */ (window))
  const { TextEncoder, Uint8Array, URL } = window
  const { clone: cloneOf } = Response.prototype
  // Electron 9 has neither.
  const { FinalizationRegistry, WeakRef } = /** @type {Partial<typeof globalThis>} */ (window)

  let lastId = 0
  let inFlight = 0
  let sentBytes = 0
  /** Exchanges that wait for another one to end. @type {{ bytes: number, proceed: () => void }[]} */
  const queue = []
  /** Ends the exchange of a stream that can no longer be read. */
  const dropped =
    FinalizationRegistry &&
    new FinalizationRegistry((/** @type {Exchange} */ exchange) =>
      exchange.stop(new Error('garbage-collected')),
    )

  /** One request and its response. Refers to the response only weakly, so that the page can drop it. */
  class Exchange {
    /**
     * @param {ReturnType<typeof readArguments>} request
     * @param {(response: Response) => void} resolve
     * @param {(error: unknown) => void} reject
     */
    constructor(request, resolve, reject) {
      const { signal } = request
      this.id = ++lastId
      /** @type {typeof request | undefined} */
      this.request = request
      /** @type {{ resolve: typeof resolve, reject: typeof reject } | undefined} */
      this.promise = { resolve, reject }
      /** @type {{ deref(): { controller?: ReadableStreamDefaultController } | undefined } | undefined} */
      this.source = undefined
      /** The reader of the request's body. @type {ReadableStreamDefaultReader | undefined} */
      this.reader = undefined
      this.isReading = false
      this.isSent = false
      /** Of the request's body, until the response begins. */
      this.bytes = 0
      this.ended = false
      this.ignoreSignal = () => {}
      if (!signal) return
      const onAbort = () => this.stop(reasonOf(signal))
      signal.addEventListener('abort', onAbort)
      this.ignoreSignal = () => signal.removeEventListener('abort', onAbort)
    }

    async start() {
      try {
        const { method, path, headers, redirect, readBody } =
          /** @type {ReturnType<typeof readArguments>} */ (this.request)
        const body = await readBody(this)
        const bytes = body ? body.byteLength : 0
        await enter(bytes)
        if (this.ended) return leave(bytes)
        this.request = undefined
        this.isSent = true
        this.bytes = bytes
        const { value, error } = await send(this.id, { method, path, headers, body, redirect })
        if (this.ended) return
        sentBytes -= bytes
        this.bytes = 0
        admit()
        if (error) throw errorOf(error)
        const { promise } = this
        const response = this.respond(value, method)
        this.promise = undefined
        if (promise) promise.resolve(response)
      } catch (error) {
        this.stop(error)
      }
    }

    /** @param {any} answer of the main process @param {string} method */
    respond({ status, statusText, headers, chunk, done, path, redirected }, method) {
      const isEmpty = method === 'HEAD' || NULL_BODY_STATUS.includes(status)
      const body = isEmpty ? null : done ? chunk || new Uint8Array(0) : this.openStream(chunk)
      const response = respond(body, { status, statusText, headers })
      if (isEmpty && !done) abort(this.id)
      if (isEmpty || done) this.end()
      return withUrl(response, ORIGIN + path, redirected)
    }

    /** @param {ArrayBuffer | null} first */
    openStream(first) {
      /** @type {{ controller?: ReadableStreamDefaultController } & UnderlyingDefaultSource} */
      const source = {
        start: (controller) => {
          source.controller = controller
          if (first) controller.enqueue(new Uint8Array(first))
        },
        pull: () => void this.read(),
        cancel: (reason) => this.stop(reason),
      }
      this.source = WeakRef ? new WeakRef(source) : { deref: () => source }
      const stream = new ReadableStream(source)
      if (dropped) dropped.register(stream, this)
      return stream
    }

    async read() {
      if (this.isReading || this.ended) return
      this.isReading = true
      const { value, error } = await read(this.id)
      this.isReading = false
      const { controller } = (this.source && this.source.deref()) || {}
      if (this.ended || !controller) return this.stop(undefined)
      if (error) return this.stop(errorOf(error))
      if (value.done) this.end()
      if (value.chunk) controller.enqueue(new Uint8Array(value.chunk))
      if (value.done) controller.close()
    }

    /** Ends the exchange early. @param {unknown} reason */
    stop(reason) {
      const { promise, reader, source } = this
      if (!this.end()) return
      if (this.isSent) abort(this.id)
      if (reader) reader.cancel(reason).catch(() => {})
      if (promise) promise.reject(reason)
      const { controller } = (source && source.deref()) || {}
      if (controller) controller.error(reason)
    }

    end() {
      if (this.ended) return false
      this.ended = true
      this.promise = this.reader = this.request = undefined
      this.ignoreSignal()
      if (this.isSent) leave(this.bytes)
      return true
    }
  }

  /**
   * Resolves when one more request may be in flight.
   * @param {number} bytes of its body
   * @returns {Promise<void>}
   */
  function enter(bytes) {
    return new Promise((resolve) => {
      queue.push({ bytes, proceed: resolve })
      admit()
    })
  }

  /** @param {number} bytes of the request's body, unless its response has begun */
  function leave(bytes) {
    inFlight--
    sentBytes -= bytes
    admit()
  }

  /** Lets those that wait proceed, the first one first, as far as the limits allow. */
  function admit() {
    while (queue.length > 0 && inFlight < MAX_REQUESTS && sentBytes + queue[0].bytes <= MAX_SENT_BYTES) {
      const { bytes, proceed } = /** @type {typeof queue[0]} */ (queue.shift())
      inFlight++
      sentBytes += bytes
      proceed()
    }
  }

  /** @param {any} input @param {any} init */
  function fetch(input, init) {
    return new Promise((resolve, reject) => {
      const request = readArguments(input, init)
      const { signal } = request
      if (signal && signal.aborted) reject(reasonOf(signal))
      else new Exchange(request, resolve, reject).start()
    })
  }

  /**
   * Reads the arguments as the page's own fetch does: by a Request. A path is relative to Osaurus.
   * @param {any} input
   * @param {any} init
   */
  function readArguments(input, init) {
    const given = input instanceof Request ? input : undefined
    const url = parseUrl(given ? given.url : `${input}`)
    const options = Object(init)
    const { body } = options
    // Old versions of Chromium turn a stream into text here.
    const isStream = body instanceof ReadableStream
    if (isStream && options.duplex !== 'half')
      throw new TypeError("RequestInit: duplex option 'half' is required when sending a stream")
    const { method: name, headers: pairs, redirect: mode } = options
    const request = new Request(
      given || url.href,
      isStream ? { method: name, headers: pairs, redirect: mode } : init,
    )
    const { method, redirect } = request
    if (isStream && (method === 'GET' || method === 'HEAD'))
      throw new TypeError(`Request with ${method} method cannot have a body`)
    /** @type {AbortSignal | undefined | null} */
    const signal = options.signal === undefined ? given && given.signal : options.signal
    return {
      method,
      path: url.pathname + url.search,
      headers: [...request.headers],
      redirect,
      signal,
      /** @param {Exchange} exchange */
      readBody: async (exchange) => {
        if (typeof body === 'string') return exactBuffer(new TextEncoder().encode(body))
        const stream = isStream ? body : request.body
        if (stream) return readStream(stream, exchange)
        // Before Chromium 105 a Request has no stream.
        if (stream === null || method === 'GET' || method === 'HEAD') return null
        const blob = await request.blob()
        if (blob.size > MAX_BODY_BYTES) throw tooLarge()
        return blob.size === 0 ? null : blob.arrayBuffer()
      },
    }
  }

  /** @param {string} text */
  function parseUrl(text) {
    let url
    try {
      url = new URL(text, ORIGIN)
    } catch (_) {
      throw invalidInput('It cannot be parsed')
    }
    if (url.origin !== ORIGIN) throw invalidInput(`Received a URL of ${url.origin}`)
    // Credentials are not repeated in the error.
    if (url.username || url.password) throw invalidInput('Received a URL with credentials')
    return url
  }

  /**
   * @param {ReadableStream<any>} stream
   * @param {Exchange} exchange
   */
  async function readStream(stream, exchange) {
    const reader = stream.getReader()
    exchange.reader = reader
    const chunks = []
    let size = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      if (!(value instanceof Uint8Array))
        throw new TypeError('A stream as a request body must give Uint8Array chunks')
      size += value.length
      if (size > MAX_BODY_BYTES) throw tooLarge()
      chunks.push(value)
    }
    exchange.reader = undefined
    const bytes = new Uint8Array(size)
    let offset = 0
    for (const chunk of chunks) {
      bytes.set(chunk, offset)
      offset += chunk.length
    }
    return bytes.buffer
  }

  /** @param {Uint8Array} bytes */
  function exactBuffer(bytes) {
    if (bytes.length > MAX_BODY_BYTES) throw tooLarge()
    return bytes.buffer.byteLength === bytes.length ? bytes.buffer : bytes.slice().buffer
  }

  /** @param {BodyInit | null} body @param {ResponseInit} init */
  function respond(body, init) {
    try {
      return new Response(body, init)
    } catch (/** @type {any} */ error) {
      // Such as a status that no Response can have.
      throw new TypeError(`fetch failed: ${error.message}`)
    }
  }

  /**
   * Sets what only the browser's own fetch can set otherwise.
   * @param {Response} response
   * @param {string} url
   * @param {boolean} redirected
   * @returns {Response}
   */
  function withUrl(response, url, redirected) {
    const clone = () => withUrl(cloneOf.call(response), url, redirected)
    return Object.defineProperties(response, {
      __proto__: null,
      url: { __proto__: null, value: url, configurable: true },
      redirected: { __proto__: null, value: redirected, configurable: true },
      clone: { __proto__: null, value: clone, configurable: true, writable: true },
    })
  }

  /** @param {AbortSignal} signal */
  function reasonOf(signal) {
    // Before Chromium 98 a signal has no reason.
    return signal.reason === undefined
      ? new DOMException('The user aborted a request.', 'AbortError')
      : signal.reason
  }

  /** @param {import('./lib/electron/errors.js').FetchError} error */
  function errorOf({ code, message, isTypeError }) {
    const error = isTypeError ? new TypeError(message) : new Error(message)
    if (code === null) return error
    return Object.defineProperty(error, 'code', {
      __proto__: null,
      value: code,
      configurable: true,
      writable: true,
    })
  }

  function tooLarge() {
    const message =
      'The body of the request is larger than 32 MiB, which is all that Osaurus accepts. Send a smaller one.'
    return errorOf({ code: 'OSAURUS_REQUEST_TOO_LARGE', message, isTypeError: false })
  }

  /** @param {string} received */
  function invalidInput(received) {
    const message = `The argument 'input' must be a path or a URL of ${ORIGIN}, since requests go to Osaurus only. ${received}`
    return errorOf({ code: 'ERR_INVALID_ARG_VALUE', message, isTypeError: true })
  }

  const endpoints = { openai: `${ORIGIN}/v1`, anthropic: ORIGIN, ollama: ORIGIN, mcp: `${ORIGIN}/mcp` }
  const osaurus = { ...others, fetch, endpoints: Object.freeze(endpoints) }
  Object.defineProperty(window, 'osaurus', { value: Object.freeze(osaurus), enumerable: true })
}

// A session and a window may both load this file.
const LOADED = Symbol.for('osaurus-discovery/preload')
const world = /** @type {any} */ (globalThis)
if (!world[LOADED]) {
  world[LOADED] = true
  expose()
}

function expose() {
  // Without context isolation this is the world of the page.
  if (process.contextIsolated === false || !handOver()) return defineOsaurus(bridge)
  webFrame
    .executeJavaScript(`'use strict';(${defineOsaurus})(window.${HANDOVER}.take());undefined`)
    .catch((error) => console.error(`window.osaurus is missing: ${error.message}`))
}

/**
 * Offers the bridge to the page's world. `process.contextIsolated` exists since Electron 12; before, only the error of
 * contextBridge tells that there is no other world.
 * @returns {boolean} whether there is one
 */
function handOver() {
  /** @type {typeof bridge | null} */
  let offered = bridge
  const take = () => {
    const taken = offered
    offered = null
    return taken
  }
  try {
    contextBridge.exposeInMainWorld(HANDOVER, { take })
    return true
  } catch (error) {
    if (process.contextIsolated || !/contextIsolation/.test(/** @type {Error} */ (error).message)) throw error
    return false
  }
}
