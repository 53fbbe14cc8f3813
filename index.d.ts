// Which Osaurus runs on this machine? The public functions and types of `osaurus-discovery`.

/// <reference types="node" />

/** One running Osaurus. */
export interface OsaurusInstance {
  /** Unique for every launch of Osaurus; the folder's name where the file has none. */
  instanceId: string
  /**
   * When Osaurus last wrote the file, in milliseconds since the Unix epoch; the folder's modification time where the
   * file does not say. Not a heartbeat: Osaurus writes on a change of health, configuration or address only.
   */
  updatedAt: number
  /** As published: an IPv4 or IPv6 address or a host name. For connecting use `url`. */
  address: string
  /** 1 to 65535. */
  port: number
  /** Where a client on this machine connects, for example `http://127.0.0.1:1337`. */
  url: string
  /** If true, the server listens to the network and asks every client, this machine's too, for an access key. */
  exposeToNetwork: boolean
}

/** Where to look. */
export interface FolderOptions {
  /** An absolute path. Default: `~/.osaurus/runtime`, the home folder looked up at every call. */
  baseDir?: string | undefined
  /**
   * Look also where Osaurus published before February 2026. Default: the value of `verify`, since those folders hold
   * leftovers that only asking the server can tell; false for the Sync functions. Cannot be true beside `baseDir`.
   */
  legacyDirs?: boolean | undefined
}

/** Where to look, and whether to ask the servers. */
export interface DiscoverOptions extends FolderOptions {
  /**
   * Count only servers that answer `GET /` on the loopback interface as Osaurus does. Default: false, which trusts
   * the files and opens no socket; but a crashed Osaurus leaves its file behind for ever, so most apps want true.
   *
   * What it cannot know: Osaurus tells no instance id over HTTP, so a file cannot be tied to a listener. Another Osaurus
   * on the port of a leftover is taken for it; of all entries that lead to one port the newest counts.
   */
  verify?: boolean | undefined
  /** How long a server may take to answer, in milliseconds from its connect: 1 to 60000, whole or not. Default: 500. */
  probeTimeoutMs?: number | undefined
  /** Ends the call at once with an `AbortError` (code `ABORT_ERR`, `cause` the signal's reason). */
  signal?: AbortSignal | undefined
}

/**
 * The newest running Osaurus.
 *
 * Rejects with an {@link OsaurusError}: `OSAURUS_NOT_FOUND` where none is published, `OSAURUS_STARTING` where one is
 * about to run, `OSAURUS_NOT_RESPONDING` (only with `verify`) where those published do not answer as Osaurus,
 * `OSAURUS_ACCESS_DENIED` or `OSAURUS_IO` where a folder is there and cannot be read and no other gave an instance.
 * A wrong option rejects with a `TypeError` or `RangeError` as Node's own functions throw it. Never throws at the call.
 *
 * @example
 * const { discoverLatestRunningInstance } = require('osaurus-discovery')
 * const { url } = await discoverLatestRunningInstance({ verify: true })
 */
export function discoverLatestRunningInstance(options?: DiscoverOptions): Promise<OsaurusInstance>

/**
 * The newest running Osaurus by the files alone, read on the calling thread: some ten microseconds.
 *
 * Throws what {@link discoverLatestRunningInstance} rejects with, but for `OSAURUS_NOT_RESPONDING`: no server is asked.
 *
 * @example
 * const { url } = discoverLatestRunningInstanceSync()
 */
export function discoverLatestRunningInstanceSync(options?: FolderOptions): OsaurusInstance

/**
 * All running Osaurus servers, newest first; `[]` where none is.
 *
 * Rejects as {@link discoverLatestRunningInstance} does, but for `OSAURUS_NOT_FOUND`, `OSAURUS_STARTING` and
 * `OSAURUS_NOT_RESPONDING`, which are an empty list here.
 *
 * @example
 * for (const { url } of await listInstances({ verify: true })) console.log(url)
 */
export function listInstances(options?: DiscoverOptions): Promise<OsaurusInstance[]>

/**
 * All running Osaurus servers by the files alone, newest first, read on the calling thread.
 *
 * Throws what {@link listInstances} rejects with.
 *
 * @example
 * const running = listInstancesSync().length > 0
 */
export function listInstancesSync(options?: FolderOptions): OsaurusInstance[]

/**
 * Everything that was looked at, and why each entry counts or does not: what to show where a user asks "but it runs!".
 *
 * With `verify` each server is asked as in {@link listInstances}, and one that is Osaurus gets a second request,
 * `GET /v1/models`, which tells whether it wants an access key.
 *
 * Rejects for wrong options, an aborted signal, and `OSAURUS_IO` where the home folder is unknown or the system has no
 * socket left to ask with. What is wrong with a folder or an entry is in the report.
 *
 * @example
 * for (const entry of (await inspectRuntime({ verify: true })).entries)
 *   if (entry.status === 'ignored') console.log(entry.path, entry.reason, entry.detail)
 */
export function inspectRuntime(options?: DiscoverOptions): Promise<RuntimeReport>

/** What {@link inspectRuntime} saw. */
export interface RuntimeReport {
  /** The folders, in the order they were looked at. */
  directories: DirectoryReport[]
  /** Running ones first, newest first; then starting ones; then ignored ones, both by the folder's name. */
  entries: EntryReport[]
}

/** One folder of instances. */
export interface DirectoryReport {
  path: string
  /** Whether only older versions of Osaurus publish there. */
  legacy: boolean
  status: 'read' | 'missing' | 'not-a-directory' | 'access-denied' | 'error'
  /** What the system said, for `access-denied` and `error`. */
  detail?: string
  /** The parent directory that denies access, for `access-denied`, unless `path` itself does. */
  blockedBy?: string
}

/** One entry of such a folder. `path` is the instance's own folder. */
export type EntryReport =
  | { status: 'running'; path: string; instance: OsaurusInstance; probe?: ProbeReport }
  | { status: 'starting' | 'restarting'; path: string; instanceId: string; updatedAt: number }
  | {
      status: 'ignored'
      path: string
      reason: IgnoredReason
      /** The reason in words, with what was found. */
      detail: string
      /** Where the entry says it is running, and is well formed. */
      instance?: OsaurusInstance
      /** Where its server was asked. */
      probe?: ProbeReport
    }

/** What came of asking one server; only with `verify`. */
export interface ProbeReport {
  /** `not-osaurus`: another program answered. `error`: the system could not carry it out. */
  outcome: 'osaurus' | 'refused' | 'timed-out' | 'not-osaurus' | 'error'
  /** The server that was asked, always on the loopback interface. */
  url: string
  /** From its connect to the outcome, in milliseconds. */
  durationMs: number
  /** By its answer to `GET /v1/models`; missing where that gave none. */
  accessKey?: 'required' | 'not-required'
  /** The outcome in words, for `not-osaurus` and `error`. */
  detail?: string
}

/** Why an entry does not count. */
export type IgnoredReason =
  /** Its name begins with a dot. */
  | 'hidden'
  /** A file, FIFO, socket or device where a folder is expected. */
  | 'not-a-directory'
  /** A symbolic link where a folder is expected. */
  | 'link'
  /** It has no `configuration.json`; normal for a moment while Osaurus starts or stops. */
  | 'missing-file'
  /** Its `configuration.json` is a folder, link, FIFO, socket or device. */
  | 'not-a-regular-file'
  /** Its `configuration.json` has more than 64 KiB. */
  | 'too-large'
  /** The system refuses to read it. */
  | 'unreadable'
  /** Not UTF-8, no JSON, or nested more than 127 levels deep. */
  | 'not-json'
  /** JSON, but no object. */
  | 'not-an-object'
  /** `health` is missing or no string. */
  | 'bad-health'
  /** `health` is a string that means neither running nor starting. */
  | 'not-running'
  /** `port` is no whole number from 1 to 65535. */
  | 'bad-port'
  /** `address` is no IP address and no host name. */
  | 'bad-address'
  /** `instanceId` is no string. */
  | 'bad-instance-id'
  /** `exposeToNetwork` is no boolean. */
  | 'bad-expose-to-network'
  /** A newer entry has the same `instanceId`. */
  | 'duplicate-id'
  /** A newer entry leads to the same port, so both are one server; only with `verify`. */
  | 'duplicate-port'
  /** It does not answer as Osaurus, see `probe`; only with `verify`. */
  | 'not-responding'

/**
 * Reads what an access key of Osaurus says about itself: no network, and no check of its signature. Whether a server accepts the
 * key, only the server knows.
 *
 * Returns null for any other value. White space around the key is ignored.
 *
 * @example
 * const key = parseAccessKey(text)
 * if (!key) console.log('This is not an access key of Osaurus')
 * else if (key.isExpired) console.log(`This key expired on ${new Date(key.expiresAt).toDateString()}`)
 */
export function parseAccessKey(text: string): AccessKey | null

/** What an access key says about itself. Times are in milliseconds since the Unix epoch. */
export interface AccessKey {
  /** The name that the user gave it, or null. */
  label: string | null
  /** When it was created, or null if it does not say. */
  issuedAt: number | null
  /** When it expires, or null if it does not. */
  expiresAt: number | null
  /** Whether it has expired by the clock of this machine, at the time of the call. */
  isExpired: boolean
  /** The address of the user or agent that it is for, or null. */
  audience: string | null
}

/**
 * The base URL that each client library takes for this server.
 *
 * Throws a `TypeError` with the code `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for what is no instance (a promise
 * that was not awaited, say) and for a `url` that is not an http: or https: one without query and fragment.
 *
 * @example
 * const { openai } = endpointsOf(await discoverLatestRunningInstance({ verify: true }))
 * const client = new OpenAI({ baseURL: openai, apiKey: 'none-needed' })
 */
export function endpointsOf(instance: Pick<OsaurusInstance, 'url'>): OsaurusEndpoints

/** Where client libraries connect; none ends in a slash. */
export interface OsaurusEndpoints {
  /** `http://127.0.0.1:1337/v1`: `baseURL` of `openai`, and of whatever else speaks OpenAI's API. */
  openai: string
  /** `http://127.0.0.1:1337`: `baseURL` of `@anthropic-ai/sdk`, which adds `/v1/messages` itself. */
  anthropic: string
  /** `http://127.0.0.1:1337`: `host` of `ollama`, which adds `/api/chat` itself. */
  ollama: string
  /** `http://127.0.0.1:1337/mcp`: before `/health`, `/tools` and `/call`. */
  mcp: string
}

/**
 * Watches for Osaurus to come, change, die and go. Folders and running servers are not polled: the watcher waits for the system's own file events,
 * follows the path whatever becomes of the folders and links on it, and costs nothing while nothing happens.
 *
 * The first `change` is the state at the start, even an empty one, and comes after the call has returned (with `verify` once all
 * servers have answered, or had their `probeTimeoutMs`; later ones wait 250 ms at most for one that is silent); from then on
 * `instances` and `latest` are what the last `change` told. A single change is told at once, a burst in two: one at once
 * and one when it is quiet. When things have settled the state is what {@link listInstances} gives with the same
 * options. Watchers with the same options share their work, in all workers of the process.
 *
 * With `verify` also a server that dies and leaves its file behind is told within a second or so: one idle TCP connection,
 * on which nothing is sent, is held to every live server and ends with it. A leftover's port is tried by bare connects, 1
 * second apart at first and 30 at last, and whoever accepts is asked. Servers are asked (`GET /`, which the user sees in
 * Osaurus' Insights) when they or any file changes, when somebody begins to watch, and one that ends idle connections by
 * itself once for that. A suspended server is noticed at the next of these only.
 *
 * Osaurus replaces its file whole. Where another program writes into one instead, macOS tells of that only with the next
 * event of its folder; other systems tell once the file is closed.
 *
 * Throws at the call what wrong options deserve, as Node's own functions do, and nothing else: troubles are `warning`s.
 *
 * @example
 * const watcher = watchInstances({ verify: true })
 * watcher.on('change', ({ instances: [latest] }) => setBaseUrl(latest && latest.url))
 *
 * @example
 * for await (const [{ added, removed }] of on(watcher, 'change', { close: ['close'] })) console.log(added, removed)
 */
export function watchInstances(options?: WatchOptions): InstanceWatcher

/** Where to watch, and how long. */
export interface WatchOptions extends FolderOptions {
  /** Count only servers that answer as Osaurus, as in {@link DiscoverOptions}. Default: false. */
  verify?: boolean | undefined
  /** How long a server may take to answer, in milliseconds from its connect: 1 to 60000, whole or not. Default: 500. */
  probeTimeoutMs?: number | undefined
  /** Whether the watcher holds the process open until it is closed, as `fs.watch` does. Default: true. */
  persistent?: boolean | undefined
  /** Closes the watcher; where it is aborted already the watcher begins closed, and says so by its `close` event. */
  signal?: AbortSignal | undefined
}

/** What {@link watchInstances} gives. A listener that throws is the app's own uncaught exception; the watcher goes on. */
export interface InstanceWatcher extends NodeJS.EventEmitter {
  /** The state as of the last `change`, newest first; `[]` before the first. A copy at each reading. */
  readonly instances: OsaurusInstance[]
  /** The first of `instances`, or null. A copy at each reading. */
  readonly latest: OsaurusInstance | null
  /**
   * Ends it: from now on there is no event but `close`, which comes after the call has returned, and only once. Nothing is
   * left, neither thread nor descriptor, once the last watcher of the process is closed.
   */
  close(): void
  /** Has it hold the process open, which it does unless `persistent` is false. */
  ref(): this
  /** Lets the process end although it watches. */
  unref(): this
  /** The same as `close()`, for `using watcher = watchInstances()`; only where the runtime has the symbol. */
  [Symbol.dispose](): void

  /** The state has changed. Never without a difference to the last one, but for the first. */
  on(event: 'change', listener: (change: InstanceChange) => void): this
  /**
   * Something is in the way, and the watcher goes on as well as it can; each trouble is told once while it lasts. Without a
   * listener it goes to `process.emitWarning`. `OSAURUS_ACCESS_DENIED` and `OSAURUS_IO`: a folder cannot be read or no server
   * be asked, so the last state stands until it can. `OSAURUS_WATCH_DEGRADED`: the system refuses or loses file events (its
   * limits for watching are reached, a network disk), so it looks once a second until they are back. `OSAURUS_INTERNAL`: a
   * bug was caught, and it looks once a second from then on.
   */
  on(event: 'warning', listener: (warning: OsaurusError) => void): this
  /** It was closed. */
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

/** How one state became another; objects and arrays are shared by the watcher's listeners, and the watcher keeps its own. */
export interface InstanceChange {
  /** The whole state after the change, newest first. */
  instances: OsaurusInstance[]
  /** Those of `instances` that were not there before. */
  added: OsaurusInstance[]
  /** Those of `instances` of which a field changed, or which moved past others. */
  updated: OsaurusInstance[]
  /** Those that are there no more, as they were. */
  removed: OsaurusInstance[]
}

/**
 * The newest running Osaurus: at once where there is one, else as soon as there is. There is at least one look, however
 * short the time. Holds the process open, and leaves nothing behind, whatever comes of it.
 *
 * Rejects with `OSAURUS_TIMEOUT`, whose message says what was seen last and whose `cause` is what
 * {@link discoverLatestRunningInstance} would have rejected with; with an `AbortError` where the signal was aborted; for
 * wrong options as that does. A folder that cannot be read is waited for too. Never throws at the call.
 *
 * @example
 * const { url } = await waitForRunningInstance({ verify: true, timeoutMs: 60_000 })
 */
export function waitForRunningInstance(options?: WaitOptions): Promise<OsaurusInstance>

/** Where to look, whether to ask the servers, and how long to wait. */
export interface WaitOptions extends DiscoverOptions {
  /**
   * In milliseconds: 0, which is one look, to 2147483647, or `Infinity`. With `verify` no server is given longer than this to
   * answer, unless it is 0. Default: 30000.
   */
  timeoutMs?: number | undefined
}

/** An error with a stable `code`; its message says what was looked at, where, and what to do next. */
export interface OsaurusError extends Error {
  code: OsaurusErrorCode
}

export type OsaurusErrorCode =
  /** No folder, or nothing valid in it. */
  | 'OSAURUS_NOT_FOUND'
  /** None runs, at least one is starting or restarting. */
  | 'OSAURUS_STARTING'
  /** With `verify`: published as running, none answered as Osaurus. */
  | 'OSAURUS_NOT_RESPONDING'
  /** A folder is there and may not be read, and no other gave an instance. */
  | 'OSAURUS_ACCESS_DENIED'
  /**
   * A folder is there and cannot be read for another reason, and no other gave an instance; or the system has no
   * descriptor, thread or port left to read or ask with.
   */
  | 'OSAURUS_IO'
  /** `waitForRunningInstance` gave up. */
  | 'OSAURUS_TIMEOUT'
  /** A watcher lost the system's file events and polls once a second instead. */
  | 'OSAURUS_WATCH_DEGRADED'
  /** Electron: the page that asked is not the app's own. */
  | 'OSAURUS_UNTRUSTED_SENDER'
  /** Electron: `registerOsaurus` was called twice. */
  | 'OSAURUS_ALREADY_REGISTERED'
  /** At `require`: there is no compiled addon for this machine. */
  | 'OSAURUS_ADDON_MISSING'
  /** `osaurus-discovery/fetch`: the server closed the connection after the request may have arrived; it was not sent again. */
  | 'OSAURUS_CONNECTION_LOST'
  /** Electron: the text is not an access key of Osaurus, or the key has expired. */
  | 'OSAURUS_INVALID_ACCESS_KEY'
  /** Electron: the keychain of the operating system is not available. */
  | 'OSAURUS_KEYCHAIN_UNAVAILABLE'
  /** A bug in this package, caught before it could do harm. */
  | 'OSAURUS_INTERNAL'
