// Declares what the compiled addon exports. Written by hand; a test compares it with what napi generates.
import type {
  IgnoredReason,
  InstanceChange,
  OsaurusInstance,
  ProbeReport,
  RuntimeReport,
} from '../../index.js'
import type { NetworkChange } from '../../network.js'

/**
 * An error of the core as plain data: a code and facts. `lib/errors.js` turns it into an `Error` where the stack of the
 * caller is. Strings named `systemError` come from the operating system.
 */
export type Failure =
  | NotFoundFailure
  | { code: 'OSAURUS_STARTING'; path: string; restarting: boolean }
  | NotRespondingFailure
  | AccessDeniedFailure
  | { code: 'OSAURUS_IO'; kind: 'unreadable-directory'; path: string; systemError: string }
  | { code: 'OSAURUS_IO'; kind: 'not-a-directory'; path: string }
  | { code: 'OSAURUS_IO'; kind: 'unknown-home' }
  | ExhaustedFailure
  | DegradedFailure
  | { code: 'OSAURUS_NETWORK_UNAVAILABLE'; connected: boolean; systemError: string }
  | { code: 'OSAURUS_INTERNAL'; panic: string; degraded: boolean }
  | { code: 'ABORT_ERR' }

export interface NotFoundFailure {
  code: 'OSAURUS_NOT_FOUND'
  directories: { path: string; status: 'read' | 'missing' }[]
  ignored: { reason: IgnoredReason; count: number }[]
  /** An entry that is probably the directory that was meant. */
  nestedRuntimeDir?: string
  /** The file or the directory that denies access to an entry. */
  unreadable?: { path: string; systemError: string }
}

export interface NotRespondingFailure {
  code: 'OSAURUS_NOT_RESPONDING'
  /** The newest few. */
  servers: { server: string; outcome: ProbeReport['outcome']; detail?: string }[]
  /** The number of all. */
  total: number
}

export interface AccessDeniedFailure {
  code: 'OSAURUS_ACCESS_DENIED'
  path: string
  /** The parent directory that denies access, unless `path` itself does. */
  blockedBy?: string
  systemError: string
}

/** The system has run out of what a probe or a watcher needs. */
export interface ExhaustedFailure {
  code: 'OSAURUS_IO'
  kind: 'cannot-probe' | 'cannot-watch'
  resource: 'descriptors' | 'ports' | 'threads'
  systemError: string
}

/** A watcher receives no file events. */
export type DegradedFailure = { code: 'OSAURUS_WATCH_DEGRADED' } & (
  | { cause: 'shared-disk' | 'unreadable'; path: string }
  | { cause: 'too-many-entries'; path: string; limit: number }
  | { cause: 'resource-exhausted' | 'refused'; systemError: string }
  | { cause: 'watch-limit' | 'queue-overflow' | 'backend-restarted' }
)

export type Outcome<T> = T | Failure

export class CancelToken {
  constructor()
  cancel(): void
}

type InstanceFactory = (
  instanceId: string,
  updatedAt: number,
  address: string,
  port: number,
  url: string,
  exposeToNetwork: boolean,
) => OsaurusInstance

type BaseDir = string | undefined | null
/** The probe timeout; without one no server is probed. */
type ProbeTimeoutMs = number | undefined | null
type Cancel = CancelToken | undefined | null

export class Core {
  constructor(createInstance: InstanceFactory)
  latest(
    baseDir: BaseDir,
    legacyDirs: boolean,
    probeTimeoutMs?: ProbeTimeoutMs,
    cancel?: Cancel,
  ): Promise<Outcome<OsaurusInstance>>
  latestSync(baseDir: BaseDir, legacyDirs: boolean): Outcome<OsaurusInstance>
  list(
    baseDir: BaseDir,
    legacyDirs: boolean,
    probeTimeoutMs?: ProbeTimeoutMs,
    cancel?: Cancel,
  ): Promise<Outcome<OsaurusInstance[]>>
  listSync(baseDir: BaseDir, legacyDirs: boolean): Outcome<OsaurusInstance[]>
  inspect(
    baseDir: BaseDir,
    legacyDirs: boolean,
    probeTimeoutMs?: ProbeTimeoutMs,
    cancel?: Cancel,
    accessKey?: string | undefined | null,
  ): Promise<Outcome<RuntimeReport>>
  watch(
    baseDir: BaseDir,
    legacyDirs: boolean,
    probeTimeoutMs: ProbeTimeoutMs,
    notify: () => void,
  ): NativeWatcher
}

/** Notifies when there are events to take. After `close()` there are none. */
export class NativeWatcher {
  /** Returns false if the system has no thread or no descriptor left: try again later. */
  start(): boolean
  next(): Outcome<InstanceChange> | undefined
  lastFailure(): Failure | undefined
  /** While the liveness connection to a verified server stands, a number that no other connection has; else 0 or -1. */
  heldConnection(host: string, port: number): number
  setRef(keep: boolean): void
  close(): void
}

/** The local network for one JavaScript environment. Nothing is sent, and no thread runs, until a watcher is started. */
export class Network {
  constructor()
  watch(probeTimeoutMs: ProbeTimeoutMs, includeSelf: boolean, notify: () => void): NativeNetworkWatcher
}

/** Notifies when there are events to take. After `close()` there are none. */
export class NativeNetworkWatcher {
  /** Returns false if the system has no thread left: try again later. */
  start(): boolean
  next(): Outcome<NetworkChange> | undefined
  lastFailure(): Failure | undefined
  setRef(keep: boolean): void
  close(): void
}

/** A server that is advertised on the local network from `start()` to `withdraw()`. */
export class Advertisement {
  /** `host` is a host name without `.local`, and `machine` the name of the Mac. */
  constructor(
    host: string,
    machine: string,
    port: number,
    agents: { id: string; name: string; description?: string }[],
    loopbackOnly: boolean,
  )
  /** Returns the failure if that is not possible. */
  start(): Failure | undefined
  /** Says goodbye, and returns once that is sent. */
  withdraw(): void
}
