// Tests that a switch over a report is exhaustive: it compiles only if it names every case.
import { inspectRuntime, parseAccessKey } from '../../..'
import type {
  AccessKey,
  AccessKeyStatus,
  DirectoryReport,
  EntryReport,
  IgnoredReason,
  ProbeReport,
} from '../../..'

function never(value: never): never {
  throw new Error(`not handled: ${String(value)}`)
}

export function entryInWords(entry: EntryReport): string {
  switch (entry.status) {
    case 'running':
      return `${entry.instance.url} ${entry.probe?.durationMs ?? ''}`
    case 'starting':
    case 'restarting':
      return `${entry.instanceId} since ${entry.updatedAt}`
    case 'ignored':
      return `${entry.path}: ${reasonInWords(entry.reason)} (${entry.detail}) ${entry.instance?.port ?? ''}`
    default:
      return never(entry)
  }
}

export function reasonInWords(reason: IgnoredReason): string {
  switch (reason) {
    case 'hidden':
    case 'not-a-directory':
    case 'link':
      return 'the entry itself'
    case 'missing-file':
    case 'not-a-regular-file':
    case 'too-large':
    case 'unreadable':
      return 'its file'
    case 'not-json':
    case 'not-an-object':
    case 'bad-health':
    case 'not-running':
    case 'bad-port':
    case 'bad-address':
    case 'bad-instance-id':
    case 'bad-expose-to-network':
      return 'what the file says'
    case 'duplicate-id':
    case 'duplicate-port':
      return 'a newer one'
    case 'not-responding':
      return 'its server'
    default:
      return never(reason)
  }
}

export function outcomeInWords({ outcome, accessKey }: ProbeReport): string {
  switch (outcome) {
    case 'osaurus':
      return accessKey === 'required' ? 'wants a key' : 'well'
    case 'refused':
    case 'timed-out':
    case 'not-osaurus':
    case 'error':
      return 'dead'
    default:
      return never(outcome)
  }
}

export function directoryInWords({ status }: DirectoryReport): string {
  switch (status) {
    case 'read':
    case 'missing':
    case 'not-a-directory':
    case 'access-denied':
    case 'error':
      return status
    default:
      return never(status)
  }
}

export async function narrowing(): Promise<void> {
  const { directories, entries } = await inspectRuntime({ verify: true, probeTimeoutMs: 250.5 })
  const [entry] = entries
  // @ts-expect-error a running entry has no reason
  if (entry.status === 'running') entry.reason
  // @ts-expect-error a starting entry has no instance yet
  if (entry.status === 'starting') entry.instance
  // @ts-expect-error the instance of an ignored entry may be missing
  if (entry.status === 'ignored') entry.instance.url
  // @ts-expect-error the probe is missing without verify
  if (entry.status === 'running') entry.probe.outcome
  // @ts-expect-error the reasons are words from the list
  if (entry.status === 'ignored') entry.reason satisfies 'hidden'
  // @ts-expect-error there is no such status
  if (entry.status === 'stopped') return
  directories satisfies DirectoryReport[]
}

export function keyInWords(status: AccessKeyStatus): string {
  switch (status) {
    case 'not-required':
    case 'required':
    case 'accepted':
      return 'usable, or missing'
    case 'expired':
    case 'revoked':
    case 'unknown':
    case 'none-configured':
      return 'useless'
    default:
      return never(status)
  }
}

export async function beyondTheFile(): Promise<void> {
  const { entries, fallback } = await inspectRuntime({ verify: true, accessKey: 'osk-v1.e30.00' })
  fallback?.probe.models satisfies string[] | undefined
  // @ts-expect-error Osaurus may not have answered at the default address
  fallback?.instance.url
  for (const entry of entries)
    if (entry.status === 'running') entry.published?.instance.port satisfies number | undefined
  parseAccessKey('') satisfies AccessKey | null
  // @ts-expect-error only inspectRuntime takes a key
  import('../../..').then(({ listInstances }) => listInstances({ accessKey: '' }))
}
