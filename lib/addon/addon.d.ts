// What does the compiled addon offer to index.js? Written by hand; a test holds it against what napi generates.
import type { InstanceChange, OsaurusInstance, RuntimeReport } from '../../index.js'

/** A failure is data: it becomes an `Error` where the caller's stack is. */
export interface Failure {
  failure: string
  message: string
}

export type Outcome<T> = T | Failure

export class CancelFlag {
  constructor()
  cancel(): void
}

type MakeInstance = (
  instanceId: string,
  updatedAt: number,
  address: string,
  port: number,
  url: string,
  exposeToNetwork: boolean,
) => OsaurusInstance

type Folder = string | undefined | null
/** None: no server is asked. */
type ProbeTimeoutMs = number | undefined | null
type Cancel = CancelFlag | undefined | null

export class Core {
  constructor(makeInstance: MakeInstance)
  latest(
    folder: Folder,
    legacyDirs: boolean,
    probeTimeoutMs?: ProbeTimeoutMs,
    cancel?: Cancel,
  ): Promise<Outcome<OsaurusInstance>>
  latestSync(folder: Folder, legacyDirs: boolean): Outcome<OsaurusInstance>
  list(
    folder: Folder,
    legacyDirs: boolean,
    probeTimeoutMs?: ProbeTimeoutMs,
    cancel?: Cancel,
  ): Promise<Outcome<OsaurusInstance[]>>
  listSync(folder: Folder, legacyDirs: boolean): Outcome<OsaurusInstance[]>
  inspect(
    folder: Folder,
    legacyDirs: boolean,
    probeTimeoutMs?: ProbeTimeoutMs,
    cancel?: Cancel,
  ): Promise<Outcome<RuntimeReport>>
  watch(
    folder: Folder,
    legacyDirs: boolean,
    probeTimeoutMs: ProbeTimeoutMs,
    ring: () => void,
  ): Outcome<NativeWatcher>
}

/** Rings when there is something to come for; after `close()` there is nothing. */
export class NativeWatcher {
  next(): Outcome<InstanceChange> | undefined
  whyNone(): Failure | undefined
  persist(hold: boolean): void
  close(): void
}
