// Declares the public functions and types of `osaurus-discovery/network`.

/// <reference types="node" />

import type { DisposableWatcher, OsaurusError, OsaurusErrorCode } from './index.js'

/**
 * Resolves with the Osaurus servers of other machines on the local network, by name. Listens for `timeoutMs`, and resolves
 * with what was advertised and has answered by then; with `[]` if there is none.
 *
 * Sends multicast DNS queries (DNS-SD), and one request, `GET /`, to each server that is advertised. Nothing is sent before
 * the first call. Nothing on the network proves who a server is: see `docs/other-macs.md` before you send a prompt or an
 * access key, which cross the network unencrypted.
 *
 * Rejects with an {@link OsaurusError} if nothing was found and
 * - `OSAURUS_NETWORK_UNAVAILABLE`: this machine has no network that can be searched, or macOS has not given the app the Local
 *   Network permission;
 * - `OSAURUS_IO`: the system has no thread left.
 *
 * Rejects with an `AbortError` if the signal is aborted, and for invalid options. Never throws synchronously.
 *
 * @example
 * const { listNetworkInstances } = require('osaurus-discovery/network')
 * for (const { name, url } of await listNetworkInstances()) console.log(name, url)
 */
export function listNetworkInstances(options?: ListNetworkOptions): Promise<NetworkInstance[]>

/**
 * Watches for Osaurus servers of other machines to appear on the local network, change and disappear.
 *
 * The first `'change'` is the state so far, which is empty, and is emitted asynchronously. A server is reported once it has
 * answered `GET /` as Osaurus does, and is probed again only when its address changes. One that says goodbye is
 * removed at once. One that disappears without a goodbye is removed when its records expire, after up to two minutes.
 *
 * A watcher has a thread and sockets of its own until it is closed. Throws only for invalid options. Other problems are
 * emitted as `'warning'`.
 *
 * @example
 * const watcher = watchNetworkInstances()
 * watcher.on('change', ({ instances }) => showServers(instances))
 */
export function watchNetworkInstances(options?: WatchNetworkOptions): NetworkWatcher

/**
 * An Osaurus server that is advertised on the local network. Its texts come from the network: they are bounded and free of
 * control characters, and nothing more is known of them.
 */
export interface NetworkInstance {
  /** The name of the Mac as its user reads it; the host name without `.local` if the server does not advertise one. */
  name: string
  /** The host name, for example `studio.local`. */
  host: string
  /** The advertised addresses that lie in a network of this machine, at most 8, IPv4 first. */
  addresses: string[]
  /** The port, 1 to 65535. */
  port: number
  /**
   * The base URL for clients on this machine, for example `http://192.168.1.20:1337`. With `verify` it has the address that
   * answered. A link-local IPv6 address has the zone that the system's resolver takes, `http://[fe80::1%en0]:1337`, which
   * `new URL()` rejects.
   */
  url: string
  /** The agents that the server advertises, by name. Agents of one host and port are agents of one server. */
  agents: NetworkAgent[]
  /** Whether the server runs on this machine. Always false without `includeSelf`. */
  self: boolean
}

/** An agent that a server advertises. */
export interface NetworkAgent {
  /** The id; empty if the server does not advertise one. */
  id: string
  /** The name. */
  name: string
  /** What the agent is for, as its user wrote it. */
  description?: string
  /** The address with which the agent signs. Not a network address. */
  address?: string
}

/** Options of a search of the local network. */
export interface NetworkOptions {
  /**
   * Whether to count only servers that answer `GET /` as Osaurus does. Default: true. False trusts the advertisements and
   * connects to no server.
   */
  verify?: boolean | undefined
  /** The time in which a server must answer, in milliseconds from its connect: 1 to 60000. Default: 500. */
  probeTimeoutMs?: number | undefined
  /** Whether to report servers of this machine too. Default: false. */
  includeSelf?: boolean | undefined
}

/** Options of {@link listNetworkInstances}. */
export interface ListNetworkOptions extends NetworkOptions {
  /** How long to listen, in milliseconds: 1 to 2147483647. Default: 2000. */
  timeoutMs?: number | undefined
  /** Aborts the call with an `AbortError`, whose `code` is `ABORT_ERR` and whose `cause` is the reason of the signal. */
  signal?: AbortSignal | undefined
}

/** Options of {@link watchNetworkInstances}. */
export interface WatchNetworkOptions extends NetworkOptions {
  /** Whether the watcher keeps the process running until it is closed, as `fs.watch` does. Default: true. */
  persistent?: boolean | undefined
  /** Closes the watcher. If the signal is already aborted, the watcher starts closed and emits `'close'`. */
  signal?: AbortSignal | undefined
}

/**
 * The watcher that {@link watchNetworkInstances} returns. An exception in a listener is an uncaught exception of the app, and
 * the watcher continues.
 */
export interface NetworkWatcher extends NodeJS.EventEmitter, DisposableWatcher {
  /** The servers as of the last `'change'`, by name; `[]` before the first. Every read returns a copy. */
  readonly instances: NetworkInstance[]
  /**
   * Why the network cannot be searched, as of the last `'change'`: the code of the warning. Null while it can be searched, and
   * before the first change.
   */
  readonly reason: OsaurusErrorCode | null
  /**
   * Closes the watcher. No event follows except `'close'`, which is emitted once and asynchronously. Its thread and sockets
   * are closed soon after.
   */
  close(): void
  /** Keeps the process running while the watcher is open, which is the default unless `persistent` is false. */
  ref(): this
  /** Lets the process exit while the watcher is open. */
  unref(): this
  /** Emitted for the initial state, and then whenever the servers or the reason differ from those of the last event. */
  on(event: 'change', listener: (change: NetworkChange) => void): this
  /**
   * Emitted once for each problem while it lasts; the watcher continues. Without a listener the warning goes to
   * `process.emitWarning`.
   *
   * - `OSAURUS_NETWORK_UNAVAILABLE`: this machine has no network that can be searched, or macOS has not given the app the
   *   Local Network permission. The watcher tries again every two seconds.
   * - `OSAURUS_IO`: the system has no thread left. The watcher tries again every second.
   * - `OSAURUS_INTERNAL`: a bug was caught. The search starts again.
   */
  on(event: 'warning', listener: (warning: OsaurusError) => void): this
  /** Emitted after the watcher was closed. */
  on(event: 'close', listener: () => void): this
  once(event: 'change', listener: (change: NetworkChange) => void): this
  once(event: 'warning', listener: (warning: OsaurusError) => void): this
  once(event: 'close', listener: () => void): this
  off(event: 'change', listener: (change: NetworkChange) => void): this
  off(event: 'warning', listener: (warning: OsaurusError) => void): this
  off(event: 'close', listener: () => void): this
  addListener(event: 'change', listener: (change: NetworkChange) => void): this
  addListener(event: 'warning', listener: (warning: OsaurusError) => void): this
  addListener(event: 'close', listener: () => void): this
  removeListener(event: 'change', listener: (change: NetworkChange) => void): this
  removeListener(event: 'warning', listener: (warning: OsaurusError) => void): this
  removeListener(event: 'close', listener: () => void): this
  emit(event: 'change', change: NetworkChange): boolean
  emit(event: 'warning', warning: OsaurusError): boolean
  emit(event: 'close'): boolean
}

/** A change of the servers on the network. The listeners of one watcher share the objects; the watcher keeps its own. */
export interface NetworkChange {
  /** All servers after the change, by name. */
  instances: NetworkInstance[]
  /** The servers that are new. */
  added: NetworkInstance[]
  /** The servers of which anything changed. */
  updated: NetworkInstance[]
  /** The servers that are gone, as they were. */
  removed: NetworkInstance[]
  /**
   * Why the network cannot be searched: the code of the warning. Null while it can be searched. A change of the reason alone
   * is a change.
   */
  reason: OsaurusErrorCode | null
}
