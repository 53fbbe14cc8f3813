// Do the types of the main process say what a strict TypeScript app needs?
import { BrowserWindow, session, type Session } from 'electron'
import type { OsaurusInstance, WatchOptions } from 'osaurus-discovery'
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
registration.dispose()

registerOsaurus({})
registerOsaurus({ preload: true, session: session.defaultSession })
registerOsaurus({ discover: { baseDir: '/x', verify: false, probeTimeoutMs: 100 } })
registerOsaurus({ isTrustedSender: ({ url, isMainFrame }) => isMainFrame && url.startsWith('app:') })
registerOsaurus({ isTrustedSender: async () => true })
registerOsaurus({ discover: undefined, isTrustedSender: undefined, preload: undefined, session: undefined })

// @ts-expect-error: a signal is not for the pages
registerOsaurus({ discover: { signal: new AbortController().signal } })
// @ts-expect-error: nor is persistent
registerOsaurus({ discover: { persistent: true } })
// @ts-expect-error: only a boolean decides
registerOsaurus({ isTrustedSender: () => 'yes' })
// @ts-expect-error: an unknown option
registerOsaurus({ preloads: true })

same<Same<RegisterOptions['session'], Session | undefined>>()
same<Same<RegisterOptions['discover'], Omit<WatchOptions, 'signal' | 'persistent'> | undefined>>()

export async function folder(): Promise<OsaurusInstance | null> {
  const opened = await openSandboxedRuntime({
    window: new BrowserWindow(),
    loadBookmark: () => undefined,
    saveBookmark: async (text: string) => void text,
  })
  same<Same<typeof opened, SandboxedRuntime | null>>()
  // @ts-expect-error: the user may have declined
  opened.baseDir
  if (!opened) return null
  const { baseDir }: { baseDir: string } = opened
  registerOsaurus({ discover: { baseDir } })
  opened.stopAccess()
  return null
}

// @ts-expect-error: without a place to keep the bookmark, the user would be asked at every launch
openSandboxedRuntime({ loadBookmark: () => undefined })
