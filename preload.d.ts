// The types of `osaurus-discovery/preload`: what a page finds as `window.osaurus`.
import type { InstanceChange, OsaurusInstance } from 'osaurus-discovery'

/**
 * Objects are plain copies; the page may keep and change them. A rejection's message begins with its code in brackets, such as
 * `[OSAURUS_UNTRUSTED_SENDER]`, or `[ERR_INVALID_STATE]` where the main process has not called `registerOsaurus()`.
 */
export interface OsaurusBridge {
  /** The newest running Osaurus, `null` where none runs (or it is starting, or does not answer). */
  getInstance(): Promise<OsaurusInstance | null>

  /** All running Osaurus servers, newest first. */
  listInstances(): Promise<OsaurusInstance[]>

  /**
   * Calls the listener with the state now, soon after this returns, everything in `added`; then at every change. What it throws is
   * reported as an uncaught exception and keeps nothing from the other listeners. A refusal is written to the console.
   *
   * Where the folder cannot be read the state is empty at first, and stays what it was later. The console then has a warning with
   * the reason, such as `[OSAURUS_ACCESS_DENIED]`, which `getInstance()` rejects with.
   *
   * Returns the function that stops it, which may be called any number of times. It stops by itself with the page.
   *
   * @example
   * const stop = window.osaurus.onChange(({ instances }) => {
   *   title.textContent = instances.length ? `Osaurus at ${instances[0].url}` : 'Osaurus is not running'
   * })
   */
  onChange(listener: (change: InstanceChange) => void): () => void
}

declare global {
  interface Window {
    /** Where Osaurus runs; there only with the preload of `osaurus-discovery`. */
    osaurus: OsaurusBridge
  }
}
