// Tests the types for the main process in strict TypeScript. Compiled, never run.
import { BrowserWindow, ipcMain, session, type Session } from 'electron'
import type { InstanceChange, OsaurusErrorCode, OsaurusInstance, WatchOptions } from 'osaurus-discovery'
import {
  openSandboxedRuntime,
  registerOsaurus,
  type RegisterOptions,
  type Registration,
  type SandboxedRuntime,
} from 'osaurus-discovery/electron'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <T extends true>(): T => true as T

const registration: Registration = registerOsaurus()
same<Same<typeof registration.latest, OsaurusInstance | null>>()
same<Same<typeof registration.instances, OsaurusInstance[]>>()
same<Same<typeof registration.reason, OsaurusErrorCode | null>>()
const listener = (change: InstanceChange): void => void change.added
registration.on('change', listener).off('change', listener)
ipcMain.handle('app:ask', async (event): Promise<boolean> => registration.isTrusted(event))
ipcMain.on('app:tell', (event) => void registration.isTrusted(event))
// @ts-expect-error: the only event is 'change'
registration.on('close', listener)
// @ts-expect-error: the state is read-only
registration.latest = null
registration.dispose()

registerOsaurus({})
registerOsaurus({ preload: true, session: session.defaultSession })
registerOsaurus({ preload: true, session: [session.defaultSession, session.fromPartition('other')] })
registerOsaurus({ preload: true, session: 'all' })
registerOsaurus({ discover: { baseDir: '/x', verify: false, probeTimeoutMs: 100 } })
registerOsaurus({ isTrustedSender: ({ url, isMainFrame }) => isMainFrame && url.startsWith('app:') })
registerOsaurus({ isTrustedSender: async () => true })
registerOsaurus({ launch: true })
registerOsaurus({ discover: undefined, isTrustedSender: undefined, preload: undefined, session: undefined })

// @ts-expect-error: discover takes no signal
registerOsaurus({ discover: { signal: new AbortController().signal } })
// @ts-expect-error: discover does not take persistent
registerOsaurus({ discover: { persistent: true } })
// @ts-expect-error: the result must be a boolean
registerOsaurus({ isTrustedSender: () => 'yes' })
// @ts-expect-error: the only name of sessions is 'all'
registerOsaurus({ session: 'every' })
// @ts-expect-error: an unknown option
registerOsaurus({ preloads: true })

same<Same<RegisterOptions['session'], Session | readonly Session[] | 'all' | undefined>>()
same<Same<RegisterOptions['discover'], Omit<WatchOptions, 'signal' | 'persistent'> | undefined>>()

export async function directory(): Promise<OsaurusInstance | null> {
  const opened = await openSandboxedRuntime({
    window: new BrowserWindow(),
    loadBookmark: () => undefined,
    saveBookmark: async (text: string) => void text,
  })
  same<Same<typeof opened, SandboxedRuntime | null>>()
  // @ts-expect-error: null if the user cancelled the dialog
  opened.baseDir
  if (!opened) return null
  const { baseDir }: { baseDir: string } = opened
  registerOsaurus({ discover: { baseDir } })
  opened.stopAccess()
  return null
}

// @ts-expect-error: saveBookmark is required
openSandboxedRuntime({ loadBookmark: () => undefined })
