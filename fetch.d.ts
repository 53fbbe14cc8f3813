// Types of `osaurus-discovery/fetch`: a fetch that follows the running Osaurus server.

/// <reference types="node" />

import type { OsaurusEndpoints } from './index.js'

/** Options of {@link createOsaurusFetch}. */
export interface OsaurusFetchOptions {
  /** The absolute path of the directory to search. Default: `~/.osaurus/runtime`. */
  baseDir?: string | undefined
  /**
   * Also search the directories that Osaurus used before February 2026. Default: `true`, or `false` with `baseDir`. Cannot
   * be `true` together with `baseDir`.
   */
  legacyDirs?: boolean | undefined
  /**
   * The URL of the only server to use, such as that of an Osaurus on another Mac. Default: none, which uses the servers of
   * this machine. Cannot be combined with `baseDir` and `legacyDirs`.
   *
   * It is an `http:` URL without a path, credentials, query or fragment, whose host is an IP address or a name. A link-local
   * IPv6 address has a zone: `http://[fe80::1%en0]:1337`.
   *
   * The server is verified before the first request, and again after the connection that is held to it was lost. On another
   * machine it is also verified before a new connection when the last time was 30 seconds ago. A name is resolved whenever
   * the server is verified, and by nothing before the first request.
   *
   * **Nothing is encrypted**: other devices on the network can read and change requests, responses and the access key.
   *
   * @example
   * const [mac] = await listNetworkInstances()
   * const osaurusFetch = createOsaurusFetch({ url: mac.url, accessKey: process.env.OSAURUS_API_KEY })
   */
  url?: string | undefined
  /** How long a server may take to answer a probe, in milliseconds: 1 to 60000. Default: 500, or 2000 with `url`. */
  probeTimeoutMs?: number | undefined
  /**
   * The access key for a server that is exposed to the network, or a function that returns it. The function is called once
   * for each request, after a running server was found; it may return a promise.
   *
   * The key is sent as `Authorization: Bearer`, to a verified Osaurus server only. It replaces the `Authorization` and
   * `x-api-key` headers that a client library sets; if the function returns `null`, `undefined` or an empty string, these
   * headers are removed. The key appears in no error and in no output of `util.inspect`.
   *
   * Default: none. Then the request's own `Authorization` header is sent, and an `x-api-key` header becomes one, because
   * Osaurus does not read `x-api-key`.
   *
   * @example
   * const osaurusFetch = createOsaurusFetch({ accessKey: () => process.env.OSAURUS_API_KEY })
   */
  accessKey?: string | (() => string | null | undefined | Promise<string | null | undefined>) | undefined
  /**
   * How long a request waits for a running server if there is none, or for the one of `url` if it does not answer, in
   * milliseconds: 0 to 2147483647, or `Infinity`. Default: 0, which rejects as soon as it is known that no server runs.
   */
  waitMs?: number | undefined
}

/** The standard `fetch`, sent to the running Osaurus server. Created by {@link createOsaurusFetch}. */
export interface OsaurusFetch {
  /**
   * Sends a request to the newest verified server and resolves with a standard `Response`, whose body streams.
   *
   * `input` is a path such as `/v1/models`, a URL of `http://osaurus.invalid`, or a `Request` for such a URL. `init` is that of
   * the standard `fetch`.
   *
   * There is no time limit on the headers or between chunks; use `signal`. An abort closes the connection at once, so that
   * Osaurus stops generating. The same happens if the body is cancelled or garbage-collected. A body that is not read
   * holds the server back.
   *
   * At most 256 connections are open at the same time, since Osaurus closes the 513th of all apps without an answer. Further
   * requests wait for a free one.
   *
   * Rejects with a `TypeError` for what the standard `fetch` rejects as a wrong argument, with the code
   * `ERR_INVALID_ARG_VALUE` for a URL of another origin, and with `signal.reason` if it is aborted. Rejects with a
   * `TypeError` (`fetch failed: …`) for a redirect to another origin, which is not followed. Otherwise it rejects with an
   * `OsaurusError`: the one of `discoverLatestRunningInstance` if no server runs, `OSAURUS_NOT_RESPONDING` if the one of `url` does not
   * answer, `OSAURUS_CONNECTION_LOST` if the server closed the connection after the request may have arrived. Such a
   * request is never sent again by this function. One of which no byte was sent is tried once more, with the server that is
   * verified then, and with `waitMs` until that time has passed. The body of a response that is cut off fails
   * with `OSAURUS_CONNECTION_LOST`.
   *
   * @example
   * const response = await osaurusFetch('/v1/models')
   * console.log(await response.json())
   */
  // @ts-ignore: Without the DOM library and with older @types/node, the types of the standard fetch are `any`.
  (input: string | URL | Request, init?: RequestInit): Promise<Response>

  /**
   * Base URLs for client libraries, below `http://osaurus.invalid`. They never change, so one client object outlives every
   * restart of the server. The name is reserved (RFC 2606): with another fetch such a URL reaches no host.
   *
   * @example
   * const openai = new OpenAI({ baseURL: osaurusFetch.endpoints.openai, apiKey: 'unused', fetch: osaurusFetch })
   */
  readonly endpoints: Readonly<OsaurusEndpoints>

  /**
   * Aborts the requests in flight with an `AbortError` and releases everything. Later requests reject with an `AbortError`.
   * A second call does nothing. Without `close()` the function does not keep the process open by itself; a request in flight
   * does.
   */
  close(): void
}

/**
 * Creates a `fetch` that sends its requests to the newest verified Osaurus server, whatever port it has at the moment. It
 * works with every client library that takes a `fetch`. Needs Node.js 18 or Electron 23.
 *
 * The server is found by a watcher, so a request makes no probe of its own. The watcher is opened by the first request. No
 * proxy is used, and without `url` connections go to `127.0.0.1` or `[::1]` only. Requests are sent only to a program that was
 * verified to be Osaurus.
 *
 * Throws a `TypeError` or `RangeError` for invalid options.
 *
 * @example
 * const { createOsaurusFetch } = require('osaurus-discovery/fetch')
 *
 * const osaurusFetch = createOsaurusFetch({ waitMs: 10_000 })
 * const { data } = await (await osaurusFetch('/v1/models')).json()
 */
export function createOsaurusFetch(options?: OsaurusFetchOptions): OsaurusFetch
