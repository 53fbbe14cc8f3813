// What does the compiled addon offer to index.js? Written by hand; a test holds it against what napi generates.
import type { InstanceChange, OsaurusInstance, RuntimeReport } from '../../index.js'

/** A failure is data: it becomes an `Error` where the caller's stack is. */
export interface Failure {
  code: string
  message: string
}

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
/** None: no server is asked. */
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
  ): Promise<Outcome<RuntimeReport>>
  watch(
    baseDir: BaseDir,
    legacyDirs: boolean,
    probeTimeoutMs: ProbeTimeoutMs,
    notify: () => void,
  ): Outcome<NativeWatcher>
}

/** Rings when there is something to come for; after `close()` there is nothing. */
export class NativeWatcher {
  next(): Outcome<InstanceChange> | undefined
  whyNone(): Failure | undefined
  persist(hold: boolean): void
  close(): void
}
