// Declares `osaurus-discovery/preload`: what a page finds as `window.osaurus`.
import type { InstanceChange, OsaurusEndpoints, OsaurusInstance } from 'osaurus-discovery'

/**
 * The functions of `window.osaurus`. Results are plain copies, which the page may keep and change. The message of a rejection
 * begins with its code in brackets, such as `[OSAURUS_UNTRUSTED_SENDER]`, or `[ERR_INVALID_STATE]` if the main process has not
 * called `registerOsaurus()`. The errors of `fetch` have a `code` instead.
 */
export interface OsaurusBridge {
  /** Resolves with the newest running Osaurus; null if none is running, it is starting, or it does not respond. */
  getInstance(): Promise<OsaurusInstance | null>

  /** Resolves with all running Osaurus servers, newest first; `[]` if there are none. */
  listInstances(): Promise<OsaurusInstance[]>

  /**
   * Resolves with the running Osaurus. If none is running, starts the app in the background and waits up to a minute for its
   * server. Calls at the same time share one start.
   *
   * Rejects with `[ERR_INVALID_STATE]` unless the app has called `registerOsaurus({ launch: true })`; with
   * `[OSAURUS_NOT_INSTALLED]`; with `[OSAURUS_UNSUPPORTED_PLATFORM]` if none is running and this is not a Mac; and with
   * `[OSAURUS_TIMEOUT]` if the app was opened and its server does not run.
   *
   * @example
   * button.onclick = () => window.osaurus.launch().then(showModels, showError)
   */
  launch(): Promise<OsaurusInstance>

  /**
   * Calls `listener` asynchronously with the current state (all instances in `added`), then after every change. An error that it
   * throws is reported as an uncaught exception and does not affect other listeners. If the page is denied, the console says so.
   *
   * The `reason` of a change says why no Osaurus is running, such as `OSAURUS_STARTING`; it is null if one is. A change of the
   * reason alone is a change, so a page never has to poll.
   *
   * If the directory cannot be read, the state is empty at first and later stays as it was. A warning in the console then has the
   * reason, such as `[OSAURUS_ACCESS_DENIED]`, which `getInstance()` rejects with.
   *
   * Returns a function that stops the listener. It may be called any number of times. Listening also stops when the page goes
   * away.
   *
   * @example
   * const stop = window.osaurus.onChange(({ instances: [latest], reason }) => {
   *   if (latest) title.textContent = `Osaurus at ${latest.url}`
   *   else title.textContent = reason === 'OSAURUS_STARTING' ? 'Osaurus is starting' : 'Osaurus is not running'
   * })
   */
  onChange(listener: (change: InstanceChange) => void): () => void

  /**
   * The standard `fetch`, sent to the running Osaurus by the main process. Works whatever the page's Content Security Policy,
   * scheme and origin are, while Osaurus is exposed to the network, and across restarts on another port. Needs
   * `registerOsaurus({ fetch: true })`.
   *
   * `input` is a path such as `/v1/models`, a URL of `http://osaurus.invalid`, or a `Request` for such a URL. `init` is that of
   * the standard `fetch`. Resolves with a `Response` of the page, whose body streams. A body that is not read holds the server
   * back.
   *
   * There is no time limit; use `signal`. An abort closes the connection at once, so that Osaurus stops generating. The same
   * happens when the body is cancelled or garbage-collected, and when the page is closed, reloaded, navigates away or
   * crashes.
   *
   * The body of a request is read as a whole before it is sent: at most 32 MiB. A request has at most 1000 headers, of 1 MiB
   * together. Of one frame, 128 requests are in progress at the same time, and 128 MiB of bodies are held until their responses
   * begin; further requests wait for one of these to end.
   *
   * Rejects with `signal.reason` if it is aborted, with a `TypeError` for what the standard `fetch` rejects as a wrong
   * argument, and otherwise with an error that has a `code`:
   *
   * - `ERR_INVALID_ARG_VALUE`: a URL of another origin
   * - `ERR_INVALID_STATE`: the main process has not called `registerOsaurus({ fetch: true })`, or has called `dispose()`
   * - `OSAURUS_UNTRUSTED_SENDER`: the page is not trusted
   * - `OSAURUS_ROUTE_NOT_ALLOWED`: the app does not let its pages request this route
   * - `OSAURUS_REQUEST_TOO_LARGE`: the body is larger than 32 MiB, or the request has too many headers
   * - `OSAURUS_NOT_FOUND`, `OSAURUS_STARTING`, `OSAURUS_NOT_RESPONDING`, `OSAURUS_ACCESS_DENIED`, `OSAURUS_IO`: no server runs
   * - `OSAURUS_CONNECTION_LOST`: the server closed the connection after the request may have arrived. The body of a
   *   response that is cut off fails with it, too
   *
   * @example
   * const response = await window.osaurus.fetch('/v1/models')
   * const { data } = await response.json()
   */
  // @ts-ignore: Without the DOM library and with older @types/node, the types of the standard fetch are `any`.
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>

  /**
   * Base URLs for client libraries, below `http://osaurus.invalid`. They never change. The name is reserved (RFC 2606): with
   * another fetch such a URL reaches no host.
   *
   * @example
   * const { endpoints, fetch } = window.osaurus
   * const openai = new OpenAI({ baseURL: endpoints.openai, fetch, apiKey: 'unused', dangerouslyAllowBrowser: true })
   */
  readonly endpoints: Readonly<OsaurusEndpoints>
}

declare global {
  interface Window {
    /** Tells whether and where Osaurus is running, and sends requests to it. Defined by the preload script of `osaurus-discovery`. */
    osaurus: OsaurusBridge
  }
}
