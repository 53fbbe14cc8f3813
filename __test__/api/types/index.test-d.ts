// Tests the public types. Compiled by `npm run types`, never run.
import {
  discoverLatestRunningInstance,
  discoverLatestRunningInstanceSync,
  listInstances,
  listInstancesSync,
} from 'osaurus-discovery'
import type {
  DiscoverOptions,
  DirectoryOptions,
  OsaurusError,
  OsaurusErrorCode,
  OsaurusInstance,
} from 'osaurus-discovery'

/** True only for one and the same type, neither wider nor narrower, `any` included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function assertType<_ extends true>(): void {}

declare const signal: AbortSignal
declare const error: OsaurusError

// The six fields of the guide.
assertType<
  Same<
    OsaurusInstance,
    {
      instanceId: string
      updatedAt: number
      address: string
      port: number
      url: string
      exposeToNetwork: boolean
    }
  >
>()

// What the functions give.
assertType<Same<ReturnType<typeof discoverLatestRunningInstance>, Promise<OsaurusInstance>>>()
assertType<Same<ReturnType<typeof discoverLatestRunningInstanceSync>, OsaurusInstance>>()
assertType<Same<ReturnType<typeof listInstances>, Promise<OsaurusInstance[]>>>()
assertType<Same<ReturnType<typeof listInstancesSync>, OsaurusInstance[]>>()

// What they take: nothing, nothing in it, everything in it.
assertType<Same<Parameters<typeof discoverLatestRunningInstance>, [options?: DiscoverOptions]>>()
assertType<Same<Parameters<typeof listInstances>, [options?: DiscoverOptions]>>()
assertType<Same<Parameters<typeof discoverLatestRunningInstanceSync>, [options?: DirectoryOptions]>>()
assertType<Same<Parameters<typeof listInstancesSync>, [options?: DirectoryOptions]>>()
void discoverLatestRunningInstance()
void discoverLatestRunningInstance(undefined)
void listInstances({})
void listInstances({ baseDir: undefined, legacyDirs: undefined, signal: undefined })
void listInstances({ baseDir: '/tmp', verify: true, probeTimeoutMs: 12.5, signal })
void listInstances({ legacyDirs: true, signal: AbortSignal.timeout(5) })
discoverLatestRunningInstanceSync()
listInstancesSync({ baseDir: '/tmp', legacyDirs: false })
listInstancesSync({} as Readonly<DirectoryOptions>)

// @ts-expect-error: not a string
void discoverLatestRunningInstance('/tmp')
// @ts-expect-error: not null
void discoverLatestRunningInstance(null)
// @ts-expect-error: baseDir is a string
void listInstances({ baseDir: 5 })
// @ts-expect-error: and not a URL
void listInstances({ baseDir: new URL('file:///tmp') })
// @ts-expect-error: legacyDirs is a boolean
void listInstances({ legacyDirs: 'yes' })
// @ts-expect-error: verify is a boolean
void listInstances({ verify: 1 })
// @ts-expect-error: a number of milliseconds
void listInstances({ probeTimeoutMs: '500' })
// @ts-expect-error: the signal, not its controller
void listInstances({ signal: new AbortController() })
// @ts-expect-error: an unknown option
void listInstances({ baseDri: '/tmp' })
// @ts-expect-error: only waiting has a time-out
void listInstances({ timeoutMs: 5 })
// @ts-expect-error: nothing ends a call that has returned
listInstancesSync({ signal })
// @ts-expect-error: nor can it ask a server
discoverLatestRunningInstanceSync({ verify: true })
// @ts-expect-error: rejects where there is none, and never gives null
assertType<Same<Awaited<ReturnType<typeof discoverLatestRunningInstance>>, OsaurusInstance | null>>()
// @ts-expect-error: it has no seventh field
void listInstancesSync()[0].pid

// Errors carry one of the codes, which a switch can tell apart.
assertType<Same<OsaurusError['code'], OsaurusErrorCode>>()
assertType<OsaurusError extends Error ? true : false>()
assertType<
  Same<
    OsaurusErrorCode,
    | 'OSAURUS_NOT_FOUND'
    | 'OSAURUS_STARTING'
    | 'OSAURUS_NOT_RESPONDING'
    | 'OSAURUS_ACCESS_DENIED'
    | 'OSAURUS_IO'
    | 'OSAURUS_TIMEOUT'
    | 'OSAURUS_WATCH_DEGRADED'
    | 'OSAURUS_NETWORK_UNAVAILABLE'
    | 'OSAURUS_UNTRUSTED_SENDER'
    | 'OSAURUS_ALREADY_REGISTERED'
    | 'OSAURUS_ADDON_MISSING'
    | 'OSAURUS_CONNECTION_LOST'
    | 'OSAURUS_ROUTE_NOT_ALLOWED'
    | 'OSAURUS_REQUEST_TOO_LARGE'
    | 'OSAURUS_NOT_INSTALLED'
    | 'OSAURUS_UNSUPPORTED_PLATFORM'
    | 'OSAURUS_INVALID_ACCESS_KEY'
    | 'OSAURUS_KEYCHAIN_UNAVAILABLE'
    | 'OSAURUS_INTERNAL'
  >
>()
switch (error.code) {
  case 'OSAURUS_NOT_FOUND':
  case 'OSAURUS_STARTING':
    break
  // @ts-expect-error: no such code
  case 'OSAURUS_NOTFOUND':
    break
}
