// Tests the types for pages in strict TypeScript. Compiled, never run.
import type { InstanceChange, OsaurusInstance } from 'osaurus-discovery'
import type { OsaurusBridge } from 'osaurus-discovery/preload'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <T extends true>(): T => true as T

export async function page(): Promise<void> {
  const latest = await window.osaurus.getInstance()
  same<Same<typeof latest, OsaurusInstance | null>>()
  // @ts-expect-error: null if none is running
  latest.url

  const all = await window.osaurus.listInstances()
  same<Same<typeof all, OsaurusInstance[]>>()

  const launched = await window.osaurus.launch()
  same<Same<typeof launched, OsaurusInstance>>()
  // @ts-expect-error: pages have no say in how long to wait
  window.osaurus.launch({ timeoutMs: 1 })

  const stop = window.osaurus.onChange((change) => {
    same<Same<typeof change, InstanceChange>>()
  })
  same<Same<typeof stop, () => void>>()
  stop()

  // @ts-expect-error: pages have no say in how to discover
  window.osaurus.getInstance({ verify: true })

  const bridge: OsaurusBridge = window.osaurus
  // @ts-expect-error: the bridge gives no access to Electron
  bridge.ipcRenderer
}
