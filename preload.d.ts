// Declares `osaurus-discovery/preload`: what a page finds as `window.osaurus`.
import type { InstanceChange, OsaurusInstance } from 'osaurus-discovery'

/**
 * The functions of `window.osaurus`. Results are plain copies, which the page may keep and change. The message of a rejection
 * begins with its code in brackets, such as `[OSAURUS_UNTRUSTED_SENDER]`, or `[ERR_INVALID_STATE]` if the main process has not
 * called `registerOsaurus()`.
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
}

declare global {
  interface Window {
    /** Tells whether and where Osaurus is running. Defined by the preload script of `osaurus-discovery`. */
    osaurus: OsaurusBridge
  }
}
