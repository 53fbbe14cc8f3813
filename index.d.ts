// Declares the public functions and types of `osaurus-discovery`.

/// <reference types="node" />

/** A running Osaurus server. */
export interface OsaurusInstance {
  /**
   * The id of the launch, unique for every launch of Osaurus. The name of the entry if the file has none, and `unpublished`
   * if a verified server is described by no file.
   */
  instanceId: string
  /**
   * When Osaurus last wrote the file, in milliseconds since the Unix epoch. The modification time of the directory if the
   * file has none. This is not a heartbeat: Osaurus writes on a change of health, configuration or address only.
   */
  updatedAt: number
  /** The published address: an IPv4 or IPv6 address or a host name. Use `url` to connect. */
  address: string
  /** The port, 1 to 65535. */
  port: number
  /** The base URL for clients on this machine, for example `http://127.0.0.1:1337`. */
  url: string
  /**
   * Whether the server accepts connections from the network, in which case every client needs an access key, including
   * those on this machine. The file can be wrong about this: see `probe.accessKey` of {@link inspectRuntime}.
   */
  exposeToNetwork: boolean
}

/** Options that select the directories to scan. */
export interface DirectoryOptions {
  /**
   * The directory to scan, an absolute path. Default: `~/.osaurus/runtime`, where every call looks up the home directory.
   */
  baseDir?: string | undefined
  /**
   * Whether to scan the directories of older Osaurus versions too. Default: the value of `verify`, because most of what they
   * hold was left behind by crashes; false for the Sync functions. Cannot be true if `baseDir` is set.
   */
  legacyDirs?: boolean | undefined
}

/** Options of a discovery. */
export interface DiscoverOptions extends DirectoryOptions {
  /**
   * Whether to count only servers that answer `GET /` on the loopback interface as Osaurus does. Default: false, which
   * trusts the files and opens no socket. A crashed Osaurus leaves its file behind, so most apps want true.
   *
   * If no published server answers, `127.0.0.1:1337` is probed last, because the file can be wrong or unreadable while
   * Osaurus runs. This does not happen if `baseDir` is set.
   *
   * Limitation: Osaurus does not report its instance id over HTTP, so a file cannot be matched to the process listening on
   * its port. Of all entries that lead to one port, the newest counts.
   */
  verify?: boolean | undefined
  /**
   * The time in which a server must answer, in milliseconds from its connect: 1 to 60000, not necessarily whole.
   * Default: 500. Has no effect without `verify`.
   */
  probeTimeoutMs?: number | undefined
  /** Aborts the call with an `AbortError`, whose `code` is `ABORT_ERR` and whose `cause` is the reason of the signal. */
  signal?: AbortSignal | undefined
}

/**
 * Finds the newest running Osaurus.
 *
 * Rejects with an {@link OsaurusError}:
 * - `OSAURUS_NOT_FOUND`: no instance is running.
 * - `OSAURUS_STARTING`: an instance is starting or restarting.
 * - `OSAURUS_NOT_RESPONDING`: with `verify`, no published instance answered as Osaurus.
 * - `OSAURUS_ACCESS_DENIED`, `OSAURUS_IO`: a directory cannot be read and no other held an instance.
 *
 * Invalid options reject with a `TypeError` or `RangeError`, as in Node.js. Never throws synchronously.
 *
 * @example
 * const { discoverLatestRunningInstance } = require('osaurus-discovery')
 * const { url } = await discoverLatestRunningInstance({ verify: true })
 */
export function discoverLatestRunningInstance(options?: DiscoverOptions): Promise<OsaurusInstance>

/**
 * Finds the newest running Osaurus from its files, on the calling thread. Takes about ten microseconds and sends no request.
 *
 * Throws the errors that {@link discoverLatestRunningInstance} rejects with, except `OSAURUS_NOT_RESPONDING`.
 *
 * @example
 * const { url } = discoverLatestRunningInstanceSync()
 */
export function discoverLatestRunningInstanceSync(options?: DirectoryOptions): OsaurusInstance

/**
 * Finds all running Osaurus servers, newest first. Resolves with `[]` if none is running.
 *
 * Rejects with the errors of {@link discoverLatestRunningInstance}, except `OSAURUS_NOT_FOUND`, `OSAURUS_STARTING` and
 * `OSAURUS_NOT_RESPONDING`.
 *
 * @example
 * for (const { url } of await listInstances({ verify: true })) console.log(url)
 */
export function listInstances(options?: DiscoverOptions): Promise<OsaurusInstance[]>

/**
 * Finds all running Osaurus servers from their files, newest first, on the calling thread. Sends no request.
 *
 * Throws the errors that {@link listInstances} rejects with.
 *
 * @example
 * const running = listInstancesSync().length > 0
 */
export function listInstancesSync(options?: DirectoryOptions): OsaurusInstance[]

/**
 * Reports every scanned directory and entry, and why each entry counts or does not. Use it to answer "but it is running!".
 *
 * With `verify` each server is probed as in {@link listInstances}. A server that is Osaurus then gets `GET /v1/models`, which
 * tells whether it needs an access key and which models it has.
 *
 * Rejects for invalid options, for an aborted signal, and with `OSAURUS_IO` if the home directory is unknown or the system
 * has no socket left. Problems with a directory or an entry are part of the report.
 *
 * @example
 * for (const entry of (await inspectRuntime({ verify: true })).entries)
 *   if (entry.status === 'ignored') console.log(entry.path, entry.reason, entry.detail)
 */
export function inspectRuntime(options?: InspectOptions): Promise<RuntimeReport>

/** Options of {@link inspectRuntime}. */
export interface InspectOptions extends DiscoverOptions {
  /**
   * An access key to check with every server that requires one; see `probe.accessKey`. Has no effect without `verify`.
   *
   * The key is sent only to a server that has just answered as Osaurus. It appears in no error and no report.
   */
  accessKey?: string | undefined
}

/** The result of {@link inspectRuntime}. */
export interface RuntimeReport {
  /** The scanned directories, in order. */
  directories: DirectoryReport[]
  /** The entries: running ones first, newest first, then starting and then ignored ones, both by name. */
  entries: EntryReport[]
  /** The probe of `127.0.0.1:1337`; only with `verify`, and only if no published server answered. */
  fallback?: FallbackReport
}

/** The probe of the default address, `127.0.0.1:1337`. */
export interface FallbackReport {
  probe: ProbeReport
  /**
   * The instance, if Osaurus answered. Either it is that of the newest running entry, whose file is wrong, or its
   * `instanceId` is `unpublished`, because no file describes it.
   */
  instance?: OsaurusInstance
}

/** A scanned directory. */
export interface DirectoryReport {
  /** The absolute path. */
  path: string
  /** Whether only older versions of Osaurus publish there. */
  legacy: boolean
  status: 'read' | 'missing' | 'not-a-directory' | 'access-denied' | 'error'
  /** The error of the system, for `access-denied` and `error`. */
  detail?: string
  /** The parent directory that denies access, for `access-denied`, unless `path` itself does. */
  blockedBy?: string
}

/** An entry of a scanned directory. `path` is the directory of the instance. */
export type EntryReport =
  | {
      status: 'running'
      path: string
      instance: OsaurusInstance
      /** The probe of the server; only with `verify`. */
      probe?: ProbeReport
      /** What the file says, if it is wrong: Osaurus answered at `127.0.0.1:1337` instead. */
      published?: PublishedReport
    }
  | { status: 'starting' | 'restarting'; path: string; instanceId: string; updatedAt: number }
  | {
      status: 'ignored'
      path: string
      reason: IgnoredReason
      /** The reason and what was found, in words. */
      detail: string
      /** The instance, if the entry says that it is running and is well formed. */
      instance?: OsaurusInstance
      /** The probe of the server, if it was probed. */
      probe?: ProbeReport
    }

/** What a wrong file says, and how the server that it names answered. */
export interface PublishedReport {
  instance: OsaurusInstance
  probe?: ProbeReport
}

/** The probe of one server; only with `verify`. */
export interface ProbeReport {
  /**
   * How the server answered `GET /`. `not-osaurus`: another program listens on the port. `error`: the system could not carry
   * out the probe.
   */
  outcome: 'osaurus' | 'refused' | 'timed-out' | 'not-osaurus' | 'error'
  /** The probed URL, always on the loopback interface. */
  url: string
  /** The time from the connect to the outcome, in milliseconds. */
  durationMs: number
  /** Whether the server accepts the access key or needs none, by its response to `GET /v1/models`; missing if unknown. */
  accessKey?: AccessKeyStatus
  /** The names of the models that `GET /v1/models` listed; missing if the server did not list them. */
  models?: string[]
  /** The status of the last response to `GET /v1/models`; missing if there was none. */
  modelsStatus?: number
  /**
   * The value of `Access-Control-Allow-Origin` in that response, usually `*`; missing if the server sent none, in which case
   * pages cannot call it.
   */
  allowOrigin?: string
  /** What the other program or the system said, for `not-osaurus` and `error`. */
  detail?: string
}

/** Whether a server accepts an access key, or needs none. */
export type AccessKeyStatus =
  /** The server needs no key. */
  | 'not-required'
  /** The server needs a key, and none was given. */
  | 'required'
  /** The server needs a key and accepts the one that was given. */
  | 'accepted'
  /** The key has expired. */
  | 'expired'
  /** The user has revoked the key. */
  | 'revoked'
  /** The server does not know the key. */
  | 'unknown'
  /** The server needs a key, and its user has made none yet. */
  | 'none-configured'

/** Why an entry does not count. */
export type IgnoredReason =
  /** The name begins with a dot. */
  | 'hidden'
  /** The entry is a file, FIFO, socket or device where a directory is expected. */
  | 'not-a-directory'
  /** The entry is a symbolic link where a directory is expected. */
  | 'link'
  /** The directory has no `configuration.json`, which is normal for a moment while Osaurus starts or stops. */
  | 'missing-file'
  /** `configuration.json` is a directory, link, FIFO, socket or device. */
  | 'not-a-regular-file'
  /** `configuration.json` has more than 64 KiB. */
  | 'too-large'
  /** The system refuses to read the file. */
  | 'unreadable'
  /** The file is not UTF-8, not JSON, or nested more than 127 levels deep. */
  | 'not-json'
  /** The file is JSON, but not an object. */
  | 'not-an-object'
  /** `health` is missing or not a string. */
  | 'bad-health'
  /** `health` is a string other than `running`, `starting` and `restarting`. */
  | 'not-running'
  /** `port` is missing or not a whole number from 1 to 65535. */
  | 'bad-port'
  /** `address` is missing or neither an IP address nor a host name. */
  | 'bad-address'
  /** `instanceId` is not a string. */
  | 'bad-instance-id'
  /** `exposeToNetwork` is not a boolean. */
  | 'bad-expose-to-network'
  /** A newer entry has the same `instanceId`. */
  | 'duplicate-id'
  /** A newer entry leads to the same port, so both are one server; only with `verify`. */
  | 'duplicate-port'
  /** The server does not answer as Osaurus, see `probe`; only with `verify`. */
  | 'not-responding'

/**
 * Reads what an access key of Osaurus says about itself. Sends no request and does not check the signature, so a key that
 * parses may still be revoked or forged: `inspectRuntime({ verify: true, accessKey })` asks the server.
 *
 * Returns null for text that is not an access key. White space around the key is ignored. Never throws.
 *
 * @example
 * const key = parseAccessKey(process.env.OSAURUS_API_KEY ?? '')
 * if (!key || key.isExpired) console.error('Create an access key in Osaurus')
 */
export function parseAccessKey(text: string): AccessKey | null

/** What an access key says about itself. */
export interface AccessKey {
  /** The name that the user gave the key, or null. */
  label: string | null
  /** When the key was created, in milliseconds since the Unix epoch, or null if the key does not say. */
  issuedAt: number | null
  /** When the key expires, in milliseconds since the Unix epoch, or null if it never does. */
  expiresAt: number | null
  /** Whether the key had expired when it was parsed, by the clock of this machine. */
  isExpired: boolean
  /** What the key is valid for, or null. */
  audience: string | null
}

/**
 * Returns the base URL that each client library takes for this server.
 *
 * Throws a `TypeError` with the code `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` if the argument is not an instance,
 * for example a promise that was not awaited, or if its `url` is not an HTTP URL without query and fragment.
 *
 * @example
 * const { openai } = endpointsOf(await discoverLatestRunningInstance({ verify: true }))
 * const client = new OpenAI({ baseURL: openai, apiKey: 'none-needed' })
 */
export function endpointsOf(instance: Pick<OsaurusInstance, 'url'>): OsaurusEndpoints

/** The base URLs of client libraries. None ends in a slash. */
export interface OsaurusEndpoints {
  /** `http://127.0.0.1:1337/v1`: the `baseURL` of `openai` and of other clients of the OpenAI API. */
  openai: string
  /** `http://127.0.0.1:1337`: the `baseURL` of `@anthropic-ai/sdk`, which appends `/v1/messages`. */
  anthropic: string
  /** `http://127.0.0.1:1337`: the `host` of `ollama`, which appends `/api/chat`. */
  ollama: string
  /** `http://127.0.0.1:1337/mcp`: the prefix of `/health`, `/tools` and `/call`. */
  mcp: string
}

/**
 * Watches for Osaurus to start, change, stop and crash. The watcher waits for file events, polls neither directories nor
 * running servers, and follows the path when directories or links on it come, go or are replaced.
 *
 * The first `'change'` describes the initial state, even if it is empty, and is emitted asynchronously. With `verify` it
 * waits until every server has answered or timed out; later events wait at most 250 ms. A single change is reported at once,
 * a burst in two events: one at once, one when it is over. The state then equals what {@link listInstances} returns for the
 * same options. Watchers with the same options share their work, across all workers of the process.
 *
 * With `verify` a server that crashes and leaves its file behind is reported within a second: the watcher holds one idle TCP
 * connection to every live server. It tries the port of a dead one by connecting without a request, after 1 s at first and
 * every 30 s at most, and probes it with `GET /` once it accepts. Live servers are probed only when a file changes, when a
 * watcher starts, or after a server closed the idle connection. A suspended server is noticed at the next probe.
 *
 * A program that writes into the file instead of replacing it is noticed when it closes the file; on macOS only with the
 * next event of the directory.
 *
 * Throws only for invalid options. Other problems are emitted as `'warning'`.
 *
 * @example
 * const watcher = watchInstances({ verify: true })
 * watcher.on('change', ({ instances: [latest] }) => setBaseUrl(latest && latest.url))
 *
 * @example
 * for await (const [{ added, removed }] of on(watcher, 'change', { close: ['close'] })) console.log(added, removed)
 */
export function watchInstances(options?: WatchOptions): InstanceWatcher

/** Options of {@link watchInstances}. */
export interface WatchOptions extends DirectoryOptions {
  /** Whether to count only servers that answer as Osaurus, as in {@link DiscoverOptions}. Default: false. */
  verify?: boolean | undefined
  /** The time in which a server must answer, in milliseconds from its connect: 1 to 60000. Default: 500. */
  probeTimeoutMs?: number | undefined
  /** Whether the watcher keeps the process running until it is closed, as `fs.watch` does. Default: true. */
  persistent?: boolean | undefined
  /** Closes the watcher. If the signal is already aborted, the watcher starts closed and emits `'close'`. */
  signal?: AbortSignal | undefined
}

/**
 * Has `[Symbol.dispose]()`, the same as `close()`, for `using watcher = watchInstances()`. The member exists only if the
 * runtime defines the symbol, and its type only if the compiler knows it.
 */
export type DisposableWatcher = {
  [Dispose in SymbolConstructor[Extract<'dispose', keyof SymbolConstructor>]]: () => void
}

/**
 * The watcher that {@link watchInstances} returns. An exception in a listener is an uncaught exception of the app, and the
 * watcher continues.
 */
export interface InstanceWatcher extends NodeJS.EventEmitter, DisposableWatcher {
  /** The instances as of the last `'change'`, newest first; `[]` before the first. Every read returns a copy. */
  readonly instances: OsaurusInstance[]
  /** The first of `instances`, or null. Every read returns a copy. */
  readonly latest: OsaurusInstance | null
  /**
   * Why no instance is running, as of the last `'change'`: the code that {@link discoverLatestRunningInstance} rejects with.
   * Null if one is running, and before the first change.
   */
  readonly reason: OsaurusErrorCode | null
  /**
   * Closes the watcher. No event follows except `'close'`, which is emitted once and asynchronously. Closing the last watcher
   * of the process releases its thread and descriptors.
   */
  close(): void
  /** Keeps the process running while the watcher is open, which is the default unless `persistent` is false. */
  ref(): this
  /** Lets the process exit while the watcher is open. */
  unref(): this
  /** Emitted for the initial state, and then whenever the instances differ from those of the last event. */
  on(event: 'change', listener: (change: InstanceChange) => void): this
  /**
   * Emitted once for each problem while it lasts; the watcher continues. Without a listener the warning goes to
   * `process.emitWarning`.
   *
   * - `OSAURUS_ACCESS_DENIED`, `OSAURUS_IO`: a directory cannot be read or no server probed. The last state stands;
   *   with `verify`, without the servers that stop answering.
   * - `OSAURUS_WATCH_DEGRADED`: file events are unavailable, for example on a network disk. The watcher polls once a second.
   * - `OSAURUS_INTERNAL`: a bug was caught. The watcher polls once a second.
   */
  on(event: 'warning', listener: (warning: OsaurusError) => void): this
  /** Emitted after the watcher was closed. */
  on(event: 'close', listener: () => void): this
  once(event: 'change', listener: (change: InstanceChange) => void): this
  once(event: 'warning', listener: (warning: OsaurusError) => void): this
  once(event: 'close', listener: () => void): this
  off(event: 'change', listener: (change: InstanceChange) => void): this
  off(event: 'warning', listener: (warning: OsaurusError) => void): this
  off(event: 'close', listener: () => void): this
  addListener(event: 'change', listener: (change: InstanceChange) => void): this
  addListener(event: 'warning', listener: (warning: OsaurusError) => void): this
  addListener(event: 'close', listener: () => void): this
  removeListener(event: 'change', listener: (change: InstanceChange) => void): this
  removeListener(event: 'warning', listener: (warning: OsaurusError) => void): this
  removeListener(event: 'close', listener: () => void): this
  emit(event: 'change', change: InstanceChange): boolean
  emit(event: 'warning', warning: OsaurusError): boolean
  emit(event: 'close'): boolean
}

/** A change of the running instances. The listeners of one watcher share the objects; the watcher keeps its own. */
export interface InstanceChange {
  /** All instances after the change, newest first. */
  instances: OsaurusInstance[]
  /** The instances that are new. */
  added: OsaurusInstance[]
  /** The instances of which a field changed, or which moved ahead of others. */
  updated: OsaurusInstance[]
  /** The instances that are gone, as they were. */
  removed: OsaurusInstance[]
  /**
   * Why no instance is running: the code that {@link discoverLatestRunningInstance} rejects with. Null if one is running. A
   * change of the reason alone is a change.
   */
  reason: OsaurusErrorCode | null
}

/**
 * Waits for a running Osaurus and resolves with the newest: at once if one is running. Keeps the process running meanwhile.
 * Scans at least once, however short the timeout, and waits for directories that cannot be read too.
 *
 * Rejects with `OSAURUS_TIMEOUT`, whose `cause` is the error that {@link discoverLatestRunningInstance} would have rejected
 * with; with an `AbortError` if the signal was aborted; and for invalid options. Never throws synchronously.
 *
 * @example
 * const { url } = await waitForRunningInstance({ verify: true, timeoutMs: 60_000 })
 */
export function waitForRunningInstance(options?: WaitOptions): Promise<OsaurusInstance>

/**
 * Resolves with the running instance. If none is running, starts the Osaurus app in the background and waits for its
 * server. A running app is never started a second time, and no setting is changed. Calls at the same time share one start.
 *
 * Rejects with an {@link OsaurusError}: `OSAURUS_UNSUPPORTED_PLATFORM` if none is running and this is not a Mac,
 * `OSAURUS_NOT_INSTALLED` if the app is not installed, and `OSAURUS_TIMEOUT` if its server does not run in time, for
 * example because the user has stopped it. Its `cause` is the error of {@link discoverLatestRunningInstance}. Rejects with an
 * `AbortError` if the signal is aborted, which does not stop the app. Never throws synchronously.
 *
 * @example
 * const { url } = await launchOsaurus()
 */
export function launchOsaurus(options?: LaunchOptions): Promise<OsaurusInstance>

/** Options of {@link launchOsaurus}, which always verifies. */
export interface LaunchOptions extends DirectoryOptions {
  /** How long a server may take to answer, in milliseconds: 1 to 60000. Default: 500. */
  probeTimeoutMs?: number | undefined
  /** How long to wait for the server in all, in milliseconds: 0 to 2147483647, or `Infinity`. Default: 60000. */
  timeoutMs?: number | undefined
  /** Aborts the call with an `AbortError`. The app is not stopped. */
  signal?: AbortSignal | undefined
}

/** Options of {@link waitForRunningInstance}. */
export interface WaitOptions extends DiscoverOptions {
  /**
   * How long to wait, in milliseconds: 0, which scans once, to 2147483647, or `Infinity`. Default: 30000. With `verify` no
   * server has longer than this to answer, unless it is 0.
   */
  timeoutMs?: number | undefined
}

/** An error with a stable `code`. The message says what happened, where, and what to do next. */
export interface OsaurusError extends Error {
  code: OsaurusErrorCode
}

/** The codes of errors and warnings. */
export type OsaurusErrorCode =
  /** No instance is running. */
  | 'OSAURUS_NOT_FOUND'
  /** No instance is running, and at least one is starting or restarting. */
  | 'OSAURUS_STARTING'
  /** With `verify`: instances are published as running, and none answered as Osaurus. */
  | 'OSAURUS_NOT_RESPONDING'
  /** A directory exists that this process may not read, and no other held an instance. */
  | 'OSAURUS_ACCESS_DENIED'
  /**
   * A directory cannot be read for another reason and no other held an instance, or the system has no descriptor, thread or
   * port left.
   */
  | 'OSAURUS_IO'
  /** `waitForRunningInstance` or `launchOsaurus` timed out. */
  | 'OSAURUS_TIMEOUT'
  /** File events are unavailable, so a watcher polls once a second. */
  | 'OSAURUS_WATCH_DEGRADED'
  /** `osaurus-discovery/network`: multicast DNS works on no network of this machine, or macOS does not permit it. */
  | 'OSAURUS_NETWORK_UNAVAILABLE'
  /** Electron: the caller is a page that the app does not trust. */
  | 'OSAURUS_UNTRUSTED_SENDER'
  /** Electron: `registerOsaurus` was called twice. */
  | 'OSAURUS_ALREADY_REGISTERED'
  /** At `require`: there is no compiled addon for this machine. */
  | 'OSAURUS_ADDON_MISSING'
  /** A request: the server closed the connection after the request may have arrived; it was not sent again. */
  | 'OSAURUS_CONNECTION_LOST'
  /** `window.osaurus.fetch`: the app does not let its pages request this route. */
  | 'OSAURUS_ROUTE_NOT_ALLOWED'
  /** `window.osaurus.fetch`: the body of the request is larger than 32 MiB, or it has too many headers. */
  | 'OSAURUS_REQUEST_TOO_LARGE'
  /** `launchOsaurus`: the app is not installed. */
  | 'OSAURUS_NOT_INSTALLED'
  /** `launchOsaurus`: no Osaurus is running, and it can be started on a Mac only. */
  | 'OSAURUS_UNSUPPORTED_PLATFORM'
  /** Electron: the text is not an access key of Osaurus, or the key has expired. */
  | 'OSAURUS_INVALID_ACCESS_KEY'
  /** Electron: the keychain of the operating system is not available. */
  | 'OSAURUS_KEYCHAIN_UNAVAILABLE'
  /** A bug in this package, caught before it could do harm. */
  | 'OSAURUS_INTERNAL'
