// Tests the types of `osaurus-discovery/network`. Compiled by `npm run types`, never run.
import { endpointsOf, type OsaurusErrorCode } from 'osaurus-discovery'
import {
  listNetworkInstances,
  watchNetworkInstances,
  type NetworkAgent,
  type NetworkChange,
  type NetworkInstance,
  type NetworkWatcher,
} from 'osaurus-discovery/network'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function assertType<_ extends true>(): void {}

const { signal } = new AbortController()

assertType<Same<ReturnType<typeof listNetworkInstances>, Promise<NetworkInstance[]>>>()
assertType<Same<NetworkInstance['agents'], NetworkAgent[]>>()
assertType<Same<NetworkInstance['addresses'], string[]>>()
assertType<Same<NetworkAgent['description'], string | undefined>>()
void listNetworkInstances()
void listNetworkInstances({ timeoutMs: 5000, verify: false, probeTimeoutMs: 800, includeSelf: true, signal })
void listNetworkInstances({ timeoutMs: undefined, signal: undefined })

const watcher: NetworkWatcher = watchNetworkInstances({ persistent: false, signal })
watcher.on('change', ({ added: [first], reason }) => {
  assertType<Same<typeof reason, OsaurusErrorCode | null>>()
  if (first) void endpointsOf(first).openai
})
watcher.once('warning', ({ code }) => {
  if (code === 'OSAURUS_NETWORK_UNAVAILABLE') watcher.close()
})
watcher.unref().ref().close()
assertType<Same<NetworkWatcher['instances'], NetworkInstance[]>>()
assertType<Same<NetworkChange['removed'], NetworkInstance[]>>()

// @ts-expect-error: a directory is of this machine only
void listNetworkInstances({ baseDir: '/tmp' })
// @ts-expect-error: a watcher has no end
watchNetworkInstances({ timeoutMs: 5 })
// @ts-expect-error: a list ends by itself
void listNetworkInstances({ persistent: true })
// @ts-expect-error: the instances are read only
watcher.instances = []
// @ts-expect-error: no server is the latest of several Macs
void watcher.latest
